"""The checks of sequence transformers catch transformers with planted faults."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from sktemporal import EventSequences, LagFeatures, RollingWindowFeatures, StatisticalFeatures
from sktemporal.sequences import _padded, as_sequences
from sktemporal.testing import check_sequence_transformer, sequence_transformer_checks


class LastValues(TransformerMixin, BaseEstimator):
    """Without a fault: the number of events, and the last value of every field."""

    def fit(self, X, y=None):
        self._learn(as_sequences(X, self, reset=True))
        return self

    def _learn(self, seqs):
        pass

    def transform(self, X):
        check_is_fitted(self)
        return self._compute(X, as_sequences(X, self, reset=False))

    def _compute(self, X, seqs):
        out = np.zeros((len(seqs), 1 + len(seqs.fields)))
        out[:, 0] = seqs.stops - seqs.starts
        filled = seqs.stops > seqs.starts
        out[filled, 1:] = seqs.values[seqs.stops[filled] - 1]
        return out

    def get_feature_names_out(self, input_features=None):
        check_is_fitted(self)
        fields = range(self.n_features_in_)
        return np.array(["n_events", *(f"last_{j}" for j in fields)], dtype=object)


class LeaksAcrossRows(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        out[:, 0] -= out[:, 0].mean() if len(out) else 0.0
        return out


class FillsFromTheRowBefore(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        for i in np.flatnonzero(seqs.stops == seqs.starts):
            out[i] = out[i - 1]
        return out


class SeesTheLongestHistory(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        out[:, 0] = seqs.shape[1]
        return out


class SubtractsRunningSums(LastValues):
    """The classical fast rolling sum: its last bits depend on the rows before the slice."""

    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        sums = np.concatenate(([0.0], np.cumsum(np.nan_to_num(seqs.values[:, 0], posinf=0))))
        out[:, 0] = sums[seqs.stops] - sums[seqs.starts]
        return out


class ReadsTheMaskBackwards(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        if isinstance(X, np.ma.MaskedArray):
            mask = np.ma.getmaskarray(X)  # thinks that True is valid
            out[:, 0] = np.where(mask, X.data, 0.0).sum(axis=(1, 2))
        return out


class IndexesByAnIntegerMask(LastValues):
    """The other classical fault: an int8 mask as an index selects rows 0 and 1."""

    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        if isinstance(X, np.ma.MaskedArray):
            mask = (~np.ma.getmaskarray(X).all(axis=2)).astype(np.int8)
            with np.errstate(over="ignore", invalid="ignore"):
                out[:, 0] = [
                    steps[m].sum() for steps, m in zip(np.nan_to_num(X.data), mask, strict=True)
                ]
        return out


class ReadsBehindTheMask(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        if isinstance(X, np.ma.MaskedArray):
            out[:, 0] = (X.data == X.data).sum(axis=(1, 2))
        return out


class CountsFromTheFirstStep(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        if isinstance(X, np.ma.MaskedArray):
            out[:, 0] = np.ma.getmaskarray(X)[:, 0, 0]
        return out


class LearnsBehindTheMask(LastValues):
    def fit(self, X, y=None):
        super().fit(X)
        self.offset_ = 0.0
        if isinstance(X, np.ma.MaskedArray):
            self.offset_ = float(np.nanmin(X.data))
        return self

    def _compute(self, X, seqs):
        return super()._compute(X, seqs) + self.offset_


class MutatesItsState(LastValues):
    def _learn(self, seqs):
        self.longest_ = seqs.shape[1]

    def _compute(self, X, seqs):
        self.longest_ = max(self.longest_, seqs.shape[1])
        out = super()._compute(X, seqs)
        out[:, 0] /= self.longest_
        return out


class AddsUpOverFits(LastValues):
    def _learn(self, seqs):
        self.n_seen_ = getattr(self, "n_seen_", 0) + len(seqs)

    def _compute(self, X, seqs):
        return super()._compute(X, seqs) / self.n_seen_


class HasColumnsByData(LastValues):
    """A column only for fields that are observed in the training data."""

    def _learn(self, seqs):
        values = seqs.values[seqs.event_rows()[0]]
        self.kept_ = np.append(True, ~np.isnan(values).all(axis=0) | (len(values) == 0))

    def _compute(self, X, seqs):
        return super()._compute(X, seqs)[:, self.kept_]

    def get_feature_names_out(self, input_features=None):
        return super().get_feature_names_out()[self.kept_]


class LeavesColumnsOutInTransform(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        return out[:, np.append(True, np.nanmax(np.abs(out[:, 1:]), axis=0, initial=0.0) > 0)]


class KeepsTheTrainingData(LastValues):
    def _learn(self, seqs):
        self.training_ = seqs


class KeepsAByteForEachEntity(LastValues):
    def _learn(self, seqs):
        self.filled_ = np.ones(len(seqs), dtype=np.int8)


class CannotBePickled(LastValues):
    def _learn(self, seqs):
        self.function_ = lambda x: x


class LosesStateInAPickle(LastValues):
    def _learn(self, seqs):
        self.offset_ = 1.0

    def _compute(self, X, seqs):
        return super()._compute(X, seqs) + self.offset_

    def __getstate__(self):
        return {**super().__getstate__(), "offset_": 0.0}


class SharesStateBetweenInstances(LastValues):
    fitted = False

    def _learn(self, seqs):
        type(self).fitted = True
        type(self).n_features_in_ = len(seqs.fields)

    def __sklearn_is_fitted__(self):
        return self.fitted


class ModifiesArrays(LastValues):
    def transform(self, X):
        if isinstance(X, np.ma.MaskedArray):
            X.data[X.mask] = 0.0
        return super().transform(X)


class ModifiesSequences(LastValues):
    def _compute(self, X, seqs):
        np.nan_to_num(seqs.values, copy=False)
        return super()._compute(X, seqs)


class NamesTooFew(LastValues):
    def get_feature_names_out(self, input_features=None):
        return super().get_feature_names_out()[:-1]


class NamesTwice(LastValues):
    def get_feature_names_out(self, input_features=None):
        return np.repeat(super().get_feature_names_out()[:1], 1 + self.n_features_in_)


class NamesWithSpaces(LastValues):
    def get_feature_names_out(self, input_features=None):
        return "the " + super().get_feature_names_out()


class NamesBeforeFit(LastValues):
    def get_feature_names_out(self, input_features=None):
        return np.array(["n_events", "last_0", "last_1"], dtype=object)


class ChecksNothingBeforeFit(LastValues):
    def transform(self, X):
        return self._compute(X, as_sequences(X, LastValues(), reset=True))


class TakesInfinity(LastValues):
    def fit(self, X, y=None):
        return super().fit(self._finite(X))

    def transform(self, X):
        return super().transform(self._finite(X))

    def _finite(self, X):
        return np.ma.masked_invalid(X) if isinstance(X, np.ma.MaskedArray) else X


class TakesAnyFields(LastValues):
    def transform(self, X):
        check_is_fitted(self)
        seqs = as_sequences(X, LastValues(), reset=True)
        return self._compute(X, seqs)[:, : 1 + self.n_features_in_]


class CountsSteps(LastValues):
    def fit(self, X, y=None):
        super().fit(X)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        check_is_fitted(self)
        return self._compute(X, as_sequences(X, LastValues(), reset=True))

    def get_feature_names_out(self, input_features=None):
        check_is_fitted(self)
        return np.array(["n_events", "last_0", "last_1"], dtype=object)


class IgnoresNames(LastValues):
    def _learn(self, seqs):
        if seqs.has_field_names:
            del self.feature_names_in_

    def transform(self, X):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return super().transform(X)


class NeedsAnEntity(LastValues):
    def _compute(self, X, seqs):
        return np.vstack(
            [super(NeedsAnEntity, self)._compute(X, seqs[[i]]) for i in range(len(seqs))]
        )


class NeedsTwoEntities(LastValues):
    def _learn(self, seqs):
        if len(seqs) < 2:
            raise ValueError("too few entities")


class NeedsTwoEvents(LastValues):
    def _learn(self, seqs):
        if seqs.shape[1] == 1:
            raise ValueError("too few events")


class WarnsOfEmptyHistories(LastValues):
    def _compute(self, X, seqs):
        if (seqs.stops == seqs.starts).all() and len(seqs):
            warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=2)
        return super()._compute(X, seqs)


class OtherFitTransform(LastValues):
    def fit_transform(self, X, y=None):
        return super().fit_transform(X) + 1.0


class NoOutputContainers(BaseEstimator):
    fit, transform = LastValues.fit, LastValues.transform
    _learn, _compute = LastValues._learn, LastValues._compute
    get_feature_names_out = LastValues.get_feature_names_out

    def fit_transform(self, X, y=None):
        return self.fit(X).transform(X)


class MakesItsOwnFrames(LastValues):
    def set_output(self, *, transform=None):
        return self


class OneRowTooMany(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        return np.vstack([out, out[:1]])


class ReadsArraysDifferently(LastValues):
    def _compute(self, X, seqs):
        out = super()._compute(X, seqs)
        out[:, 0] += isinstance(X, EventSequences)
        return out


class WritesWhatIsThere(LastValues):
    def _compute(self, X, seqs):
        for part in [X.values, X.times] if isinstance(X, EventSequences) else [X.data]:
            part[...] = part.copy()
        return super()._compute(X, seqs)


class WarnsOfEmptyHistoriesOtherwise(LastValues):
    def _compute(self, X, seqs):
        if len(seqs) and not seqs.lengths.any():
            warnings.warn("nothing there", UserWarning, stacklevel=2)
        return super()._compute(X, seqs)


class TakesMoreFields(LastValues):
    def transform(self, X):
        check_is_fitted(self)
        n = self.n_features_in_
        if isinstance(X, EventSequences):
            X = X.replace(values=X.values[:, :n], fields=X.fields[:n])
        else:
            X = X[:, :, :n]
        return super().transform(X)


PLANTED = [
    (LeaksAcrossRows, "check_rows_depend_on_their_entity_alone", "for a subset of the entities"),
    (SeesTheLongestHistory, "check_rows_depend_on_their_entity_alone", "'n_events'"),
    (SubtractsRunningSums, "check_place_in_the_table_changes_nothing", "'n_events'"),
    (ReadsTheMaskBackwards, "check_garbage_behind_the_mask_changes_nothing", "behind the mask"),
    (
        IndexesByAnIntegerMask,
        "check_garbage_behind_the_mask_changes_nothing",
        "behind the mask",
    ),
    (IndexesByAnIntegerMask, "check_padding_changes_nothing", "pre-padded"),
    (ReadsBehindTheMask, "check_garbage_behind_the_mask_changes_nothing", "nan behind the mask"),
    (LearnsBehindTheMask, "check_garbage_behind_the_mask_changes_nothing", "when fitted with"),
    (CountsFromTheFirstStep, "check_padding_changes_nothing", "pre-padded"),
    (MutatesItsState, "check_transform_leaves_no_trace", "after transforming other data"),
    (AddsUpOverFits, "check_fit_forgets", "when fitted a second time"),
    (HasColumnsByData, "check_columns_depend_on_fields_alone", "gone ['last_1'], new []"),
    (LeavesColumnsOutInTransform, "check_columns_depend_on_fields_alone", "instead of 3 for data"),
    (KeepsTheTrainingData, "check_pickle", "must not grow with the training data"),
    (KeepsAByteForEachEntity, "check_pickle", "must not grow with the training data"),
    (CannotBePickled, "check_pickle", "raised"),
    (LosesStateInAPickle, "check_pickle", "from a pickle"),
    (SharesStateBetweenInstances, "check_clone", "NotFittedError expected"),
    (ModifiesArrays, "check_input_is_not_modified", "modified the input: its data"),
    (ModifiesSequences, "check_input_is_not_modified", "modified the input: its values"),
    (WritesWhatIsThere, "check_input_is_not_modified", "raised ValueError: "),
    (NamesTooFew, "check_feature_names", "names 2 columns, and gives 3"),
    (NamesTwice, "check_feature_names", "'n_events' 3 times"),
    (NamesWithSpaces, "check_feature_names", "'the n_events'"),
    (NamesBeforeFit, "check_not_fitted", "get_feature_names_out before fit; nothing was raised"),
    (ChecksNothingBeforeFit, "check_not_fitted", "transform before fit; nothing was raised"),
    (TakesInfinity, "check_infinity_is_refused", "inf outside the mask; nothing was raised"),
    (TakesAnyFields, "check_n_features_in", "for 1 fields after 2 in fit; nothing was raised"),
    (TakesMoreFields, "check_n_features_in", "for 3 fields after 2 in fit; nothing was raised"),
    (CountsSteps, "check_n_features_in", "the last axis of X, 2; CountsSteps has"),
    (IgnoresNames, "check_field_names", "['x0', 'x1']; got []"),
    (NeedsAnEntity, "check_no_entity", "NeedsAnEntity raised ValueError"),
    (NeedsTwoEntities, "check_one_entity", "raised ValueError: too few entities"),
    (NeedsTwoEvents, "check_one_event", "raised ValueError: too few events"),
    (WarnsOfEmptyHistories, "check_no_event", "got RuntimeWarning: Mean of empty slice"),
    (WarnsOfEmptyHistoriesOtherwise, "check_no_event", "got UserWarning: nothing there"),
    (FillsFromTheRowBefore, "check_rows_depend_on_their_entity_alone", "for entity 1 alone"),
    (OtherFitTransform, "check_fit_transform_is_fit_then_transform", "in fit_transform"),
    (NoOutputContainers, "check_set_output", "no attribute 'set_output'"),
    (MakesItsOwnFrames, "check_set_output", "must give a pandas frame after set_output"),
    (OneRowTooMany, "check_rows_depend_on_their_entity_alone", "one row an entity"),
    (ReadsArraysDifferently, "check_array_is_sequences", "for EventSequences.from_padded"),
]


def failures(transformer, **options):
    """Messages of the checks that fail, by name without the form of X."""
    found = {}
    for estimator, check in sequence_transformer_checks(transformer, **options):
        try:
            check(estimator)
        except AssertionError as error:
            message = str(error)
            assert message.startswith(f"{check.__name__}: ")
            found.setdefault(check.__name__.split("[")[0], []).append(message)
    return found


def test_a_transformer_without_fault_passes():
    check_sequence_transformer(LastValues())


@pytest.mark.parametrize(("planted", "check", "found"), PLANTED)
def test_planted_faults_are_caught(planted, check, found):
    messages = failures(planted())
    assert check in messages
    assert any(found in message for message in messages[check]), messages[check]
    with pytest.raises(AssertionError, match=r"^check_\w+(\[(array|sequences)\])?: "):
        check_sequence_transformer(planted())


def test_every_check_catches_something(monkeypatch):
    """No check is there for show: each has a planted fault."""
    caught = {check for _, check, _ in PLANTED}
    options = [{}, {"needs_times": True}]
    names = {
        check.__name__.split("[")[0]
        for kwargs in options
        for _, check in sequence_transformer_checks(LastValues(), **kwargs)
    }
    elsewhere = {"check_masks_of_any_type", "check_arrays_without_times_are_refused"}
    assert names == caught | elsewhere


def test_a_mask_read_by_its_type_is_caught(monkeypatch):
    read_validity = _padded._validity

    def validity_of_bool_alone(mask, name, n_entities, n_steps):
        valid = read_validity(mask, name, n_entities, n_steps)
        if mask is not None and mask.dtype == np.int8:
            valid[:, :2] = True
        return valid

    monkeypatch.setattr(_padded, "_validity", validity_of_bool_alone)
    messages = failures(LastValues())
    assert list(messages) == ["check_masks_of_any_type"]


def test_a_transformer_that_needs_times():
    family = RollingWindowFeatures(windows=("7d",))
    check_sequence_transformer(family, needs_times=True)
    with pytest.raises(AssertionError, match="durations and moments need event times"):
        check_sequence_transformer(family)


def test_needing_times_is_not_to_be_claimed_without_need():
    messages = failures(LagFeatures(), needs_times=True)
    assert list(messages) == ["check_arrays_without_times_are_refused"]
    assert "nothing was raised" in messages["check_arrays_without_times_are_refused"][0]


def test_statistics_learned_in_fit_are_no_fault():
    messages = failures(make_pipeline(StatisticalFeatures(), StandardScaler()))
    assert list(messages) == ["check_no_entity"]
    assert "minimum of 1 is required by StandardScaler" in messages["check_no_entity"][0]


def test_the_transformer_stays_unfitted():
    transformer = LastValues()
    check_sequence_transformer(transformer)
    assert vars(transformer) == {}


def test_pytest_is_not_needed():
    code = "import sys, sktemporal.testing; assert not {'pytest', 'polars'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
