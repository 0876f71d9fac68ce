"""The feature matrix of the job: workers, progress, and the cache of earlier runs."""

import errno
import os
import tempfile
import warnings
from pathlib import Path

import joblib
import numpy as np

from .. import __version__
from .._warnings import warn
from ..evaluation.executor import warn_of_empty_histories
from ..exceptions import EmptyHistoryWarning, InputError

# Entities between two steps of the progress bar, where processing is not distributed.
_PROGRESS_STEP = 20_000
_CACHE_LIMIT = "2G"


def feature_matrix(union, sequences, settings):
    """Compute the matrix of all features, or take it from an earlier run on equal input.

    Parameters
    ----------
    union : TemporalFeatureUnion
        Fitted.
    sequences : EventSequences
    settings : JobSettings
        Of them, those about processing; none changes a bit of the result.

    Returns
    -------
    matrix : float32 ndarray of shape (n_entities, n_features)
    """
    warn_of_empty_histories(sequences)
    memory = _memory(settings)
    compute = memory.cache(_computed, ignore=["settings"])
    matrix = compute(union, sequences, __version__, settings)
    if memory.location is not None:
        memory.reduce_size(bytes_limit=_CACHE_LIMIT)
    return matrix


def check_cache(settings, output_directory):
    """Refuse a directory for the cache that is, or lies in, the output.

    Parameters
    ----------
    settings : JobSettings
    output_directory : str or Path

    Raises
    ------
    InputError
        If it is, or if it cannot be written.
    """
    if settings.cache_dir is None or not settings.cache_intermediate:
        return
    output, cache = (
        Path(os.path.realpath(path)) for path in (output_directory, settings.cache_dir)
    )
    if output == cache or output in cache.parents:
        raise InputError(
            f"CACHE_DIR: must not be in the output directory {output_directory}; "
            f"got {settings.cache_dir}"
        )
    _memory(settings)


def _memory(settings):
    """Return the cache on disk; one that keeps nothing where caching is off or not possible."""
    if not settings.cache_intermediate:
        return joblib.Memory(None)
    directory = settings.cache_dir or Path(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "sktemporal"
    )
    try:
        if directory.exists() and not directory.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file")
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        if settings.cache_dir is not None:
            raise InputError(
                f"CACHE_DIR: expected a directory that can be written; {directory} cannot: "
                f"{error.strerror}"
            ) from error
        warn(
            f"CACHE_INTERMEDIATE: no cache, since {directory} cannot be written "
            f"({error.strerror}); CACHE_DIR names another directory",
            UserWarning,
        )
        return joblib.Memory(None)
    return joblib.Memory(directory, verbose=0)


def _computed(union, sequences, version, settings):
    """Compute chunk by chunk. The version is there for the cache: a new one computes anew."""
    from tqdm import tqdm

    distributed = settings.enable_distributed_processing
    size = settings.chunk_size if distributed else _PROGRESS_STEP
    chunks = [slice(i, i + size) for i in range(0, len(sequences), size)]
    matrix = np.empty((len(sequences), len(union.get_feature_names_out())), dtype=np.float32)
    with joblib.parallel_config("loky" if distributed else "threading", n_jobs=settings.n_workers):
        if distributed:
            parallel = joblib.Parallel(return_as="generator")
            blocks = parallel(joblib.delayed(_block)(union, sequences[chunk]) for chunk in chunks)
        else:
            blocks = (_block(union, sequences[chunk]) for chunk in chunks)
        # disable=None: a bar on a terminal only.
        with tqdm(total=len(sequences), desc="features", unit="entity", disable=None) as bar:
            for chunk, block in zip(chunks, blocks, strict=True):
                matrix[chunk] = block
                bar.update(len(block))
    return matrix


def _block(union, sequences):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)  # said once, for all chunks
        # What float32 cannot hold is an error of the job, by name.
        warnings.filterwarnings("ignore", "overflow encountered in cast", RuntimeWarning)
        return union.transform(sequences)
