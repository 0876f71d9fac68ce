"""The register has every family, and everything that lists families has those of the register."""

import configparser
import inspect
from pathlib import Path

import sktemporal.features
from sktemporal import make_temporal_pipeline
from sktemporal.features._base import FeatureFamily
from sktemporal.pipelines.register import FAMILIES, FEATURE_TYPES

ROOT = Path(__file__).parents[2]


def test_every_public_family_is_registered_once():
    public = {
        value
        for name in sktemporal.features.__all__
        if inspect.isclass(value := getattr(sktemporal.features, name))
        and value is not FeatureFamily
    }
    registered = [entry.family for entry in FAMILIES]
    assert set(registered) == public
    assert len(registered) == len(public) == len({entry.name for entry in FAMILIES})


def test_every_family_is_a_file_of_its_own_and_independent_of_the_others():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    independent = contracts["importlinter:contract:families"]["modules"].split()
    modules = [entry.family.__module__ for entry in FAMILIES]
    assert sorted(independent) == sorted(modules)
    assert len(set(modules)) == len(modules)


def test_the_ready_made_pipeline_has_all_of_them():
    members = make_temporal_pipeline()["features"].transformer_list
    assert [(name, type(family)) for name, family in members] == [
        (entry.name, entry.family) for entry in FAMILIES
    ]


def test_parameters_are_those_of_the_families_and_of_the_pipeline():
    of_pipeline = inspect.signature(make_temporal_pipeline).parameters
    for entry in FAMILIES:
        assert set(entry.parameters) <= set(entry.family().get_params())
        assert set(entry.parameters.values()) <= set(of_pipeline)
    assert of_pipeline["feature_types"].default == FEATURE_TYPES
