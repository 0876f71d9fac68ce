"""Faults of the union, its memory, the pipeline and its frames."""

from faults import Fault

_HANDOVER = "sktemporal/quality/_handover.py"
_LABELLED = "sktemporal/pipelines/labelled.py"
_MEMORY = "sktemporal/pipelines/memory.py"
_PIPELINE = "sktemporal/pipelines/pipeline.py"
_REGISTER = "sktemporal/pipelines/register.py"
_SCHEDULE = "sktemporal/pipelines/schedule.py"
_SERVING = "sktemporal/pipelines/serving.py"
_UNION = "sktemporal/pipelines/union.py"
_WINDOWS = "sktemporal/pipelines/windows.py"
_WARNINGS = "sktemporal/_warnings.py"

_TESTS_OF_LABELLED = ("tests/pipelines/test_labelled.py",)
_TESTS_OF_MEMORY = ("tests/pipelines/test_memory.py",)
_TESTS_OF_OWNERSHIP = ("tests/pipelines/test_ownership.py",)
_TESTS_OF_PIPELINE = ("tests/pipelines/test_pipeline.py",)
_TESTS_OF_SEQUENCES = ("tests/quality/test_sequences.py",)
_TESTS_OF_SERVING = ("tests/pipelines/test_serving.py",)
_TESTS_OF_UNION = ("tests/pipelines/test_union.py",)
_TESTS_OF_WARNINGS = ("tests/test_warnings.py",)

# What the fingerprint of a table says of each of its parts.
_HEADER = 'f"{part.dtype.str}{part.shape}{by_column}"'
_BLOCKS = (
    "    blocks = parallel(delayed(executor.features)(sequences.part(task)) for task in tasks)"
)
_FAMILY = "parts = _version(), type(family).__qualname__, parameters, family.field_positions_"
_TABLE = '_TABLE = ("values", "codes", "times", "intervals", "observed")'
_SLICES = '_SLICES = ("starts", "stops", "reference_times")'

FAULTS = [
    Fault(
        "memory: key without the version",
        _MEMORY,
        _FAMILY,
        _FAMILY.replace("_version()", "None"),
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: key without the columns that are left",
        _MEMORY,
        'joblib.hash((*parts, getattr(family, "columns_", None)))',
        "joblib.hash(parts)",
        ("tests/pipelines/test_pruning.py",),
    ),
    Fault(
        "memory: key without the kind of family",
        _MEMORY,
        _FAMILY,
        _FAMILY.replace("type(family).__qualname__", "None"),
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: key without the parameters",
        _MEMORY,
        _FAMILY,
        _FAMILY.replace("parameters", "None"),
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: key without the positions of the fields",
        _MEMORY,
        _FAMILY,
        _FAMILY.replace("family.field_positions_", "None"),
        _TESTS_OF_MEMORY,
    ),
    *(
        Fault(
            f"memory: key without the {part}",
            _MEMORY,
            parts,
            parts.replace(f'"{part}", ', "").replace(f', "{part}"', ""),
            _TESTS_OF_MEMORY,
        )
        for parts, names in (
            (_TABLE, ("values", "codes", "times", "intervals", "observed")),
            (_SLICES, ("starts", "stops", "reference_times")),
        )
        for part in names
    ),
    Fault(
        "memory: key without whether the reference moment is in",
        _MEMORY,
        "-{slices}-{self.whole.inclusive}",
        "-{slices}",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: key without the shapes",
        _MEMORY,
        _HEADER,
        _HEADER.replace("{part.shape}", ""),
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: key without the order in memory",
        _MEMORY,
        _HEADER,
        _HEADER.replace("{by_column}", ""),
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: key without the types",
        _MEMORY,
        _HEADER,
        _HEADER.replace("{part.dtype.str}", ""),
        _TESTS_OF_MEMORY,
        equivalent="arrays of one shape and another type that the container takes have another "
        "number of bytes, which are in the key",
    ),
    Fault(
        "memory: key without which part is which",
        _MEMORY,
        "digest.update(name.encode())",
        "digest.update(b'')",
        _TESTS_OF_MEMORY,
        equivalent="parts of one type come all or none of them, in one order",
    ),
    Fault(
        "memory: hands out what can be written to",
        _MEMORY,
        "            features.flags.writeable = False\n",
        "",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: looks without its lock",
        _MEMORY,
        "        with self._lock:\n            features = self._kept.get(key)\n",
        "        features = self._kept.get(key)\n",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: keeps without its lock",
        _MEMORY,
        "                with self._lock:\n                    self._kept[key] = features\n",
        "                self._kept[key] = features\n",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: an entry that just fits has no room",
        _MEMORY,
        "return n_bytes + _ENTRY <= self.max_bytes",
        "return n_bytes + _ENTRY < self.max_bytes",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: an entry takes no room of its own",
        _MEMORY,
        "return features.nbytes + _ENTRY",
        "return features.nbytes",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: the rows of the selection forgotten",
        _MEMORY,
        "return features if rows is None else features[rows]",
        "return features",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: what is kept is that of the selection",
        _MEMORY,
        "features = memory.get(key, partial(compute, whole))",
        "features = memory.get(key, partial(compute, source.sequences))",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: another's code is remembered",
        _MEMORY,
        'if not type(family).__module__.startswith("sktemporal."):',
        "if False:",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: a copy of its own for each that was sent to a process",
        _MEMORY,
        "memory = _made_here.get(token)",
        "memory = None",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: gone between two that were sent to a process",
        _MEMORY,
        "        _received.append(memory)\n",
        "",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "memory: a bound of nothing",
        _MEMORY,
        "not max_bytes > 0",
        "not max_bytes >= 0",
        _TESTS_OF_MEMORY,
    ),
    Fault(
        "union: a thread's error swallowed",
        _SCHEDULE,
        "        worker.result()\n",
        "        worker.exception()\n",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: this thread's error swallowed",
        _SCHEDULE,
        "        executor.write(chain.from_iterable(tasks), out)\n",
        "        pool.submit(executor.write, chain.from_iterable(tasks), out)\n",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: a process's error swallowed",
        _SCHEDULE,
        f"{_BLOCKS}\n",
        "    def quiet(part):\n"
        "        try:\n"
        "            return executor.features(part)\n"
        "        except ValueError:\n"
        "            return np.zeros((len(part), executor.n_columns))\n"
        f"{_BLOCKS}\n".replace("executor.features", "quiet"),
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: the last task of the threads forgotten",
        _SCHEDULE,
        "for i in range(0, len(chunks), n_chunks)]",
        "for i in range(0, max(1, len(chunks) - n_chunks), n_chunks)]",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: threads write rows in the order of the table",
        "sktemporal/evaluation/roads.py",
        "return self.slices if self.stream.rows is None else self.stream.rows[self.slices]",
        "return self.slices",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: processes' blocks in the order of the table",
        _SCHEDULE,
        "out[task if rows is None else rows[task]] = block",
        "out[task] = block",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: without a memory, only the columns of the first family",
        _UNION,
        "computed = partial(compute, Executor([family]), n_jobs=self.n_jobs)",
        "computed = partial(compute, Executor(executor.families[:1]), n_jobs=self.n_jobs)",
        (*_TESTS_OF_UNION, *_TESTS_OF_MEMORY),
    ),
    Fault(
        "union: weights forgotten where all members are families",
        _UNION,
        "                    blocks[name] *= weight\n",
        "                    blocks[name] = blocks[name] * weight\n",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: weights of other members forgotten",
        _UNION,
        "return FeatureUnion([(name, member)], transformer_weights=weights, verbose=self.verbose)",
        "return FeatureUnion([(name, member)], verbose=self.verbose)",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: a weight of 0 is none",
        _UNION,
        "weights = None if weight is None else {name: weight}",
        "weights = {name: weight} if weight else None",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: weights of a name that no member has",
        _UNION,
        "            and weights.keys() <= dict(self.transformers_).keys()\n",
        "",
        ("tests/pipelines/test_mutated_pipelines.py", *_TESTS_OF_UNION),
    ),
    Fault(
        "union: prepared without its weights",
        _UNION,
        "all(w is None and is_plain_family(m) for _, m, w in members)",
        "all(is_plain_family(m) for _, m, w in members)",
        _TESTS_OF_SERVING,
    ),
    Fault(
        "union: parameters that no member takes are ignored",
        _UNION,
        "elif params and not self._foreign_unions():",
        "elif False:",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: the fields are checked for the first member alone",
        _UNION,
        "                as_sequences(sequences, family, reset=False)\n",
        "                pass\n",
        (*_TESTS_OF_UNION, "tests/pipelines/test_mutated_pipelines.py"),
    ),
    Fault(
        "union: other members' blocks behind the families",
        _UNION,
        "[blocks[name] for name, _, _ in members], X, self)",
        "list(blocks.values()), X, self)",
        _TESTS_OF_UNION,
    ),
    Fault(
        "union: no warning of empty histories",
        _UNION,
        "            warn_of_empty_histories(sequences)\n",
        "",
        (*_TESTS_OF_UNION, *_TESTS_OF_WARNINGS),
    ),
    Fault(
        "union: fit parameters do not reach other members",
        _UNION,
        'union.fit(X, y, **self._params_of(name, "fit", fit_params))',
        "union.fit(X, y)",
        _TESTS_OF_UNION,
    ),
    Fault(
        "pipeline: the quality step writes into what others made",
        _PIPELINE,
        "return any(is_plain_family(member) for _, member in step.transformer_list)",
        "return True",
        _TESTS_OF_OWNERSHIP,
        equivalent="putting the blocks of members together copies them, in numpy and in pandas",
    ),
    Fault(
        "pipeline: the quality step writes into what any step made",
        _PIPELINE,
        "    return is_plain_family(step)\n",
        "    return True\n",
        _TESTS_OF_OWNERSHIP,
    ),
    Fault(
        "pipeline: the families fill where the quality step is to see what is undefined",
        _PIPELINE,
        "np.nan if quality else fill_value",
        "fill_value",
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: fill value of the quality step forgotten",
        _PIPELINE,
        "QualityReportTransformer(fill_value=fill_value, n_jobs=n_jobs)",
        "QualityReportTransformer(n_jobs=n_jobs)",
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: workers of the quality step forgotten",
        _PIPELINE,
        "QualityReportTransformer(fill_value=fill_value, n_jobs=n_jobs)",
        "QualityReportTransformer(fill_value=fill_value)",
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: where windows end is forgotten",
        _REGISTER,
        '"closed", "gap", "fields"',
        '"closed", "fields"',
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: which ends belong to windows is forgotten",
        _REGISTER,
        '"closed", "gap", "fields"',
        '"gap", "fields"',
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: memory forgotten",
        _PIPELINE,
        "sequence_quality=sequence_quality, memory=memory, verbose=verbose)",
        "sequence_quality=sequence_quality, verbose=verbose)",
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: verbose forgotten",
        _PIPELINE,
        "sequence_quality=sequence_quality, memory=memory, verbose=verbose)",
        "sequence_quality=sequence_quality, memory=memory)",
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: categorical fields forgotten",
        _REGISTER,
        '{"fields": "categorical_fields"}',
        "{}",
        _TESTS_OF_PIPELINE,
    ),
    Fault(
        "pipeline: the report on the histories is fitted where none is asked for",
        _PIPELINE,
        "if self.sequence_quality is None or not are_histories(X):",
        "if self.sequence_quality is None:",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: the report on the histories of the fit before",
        _PIPELINE,
        '        self.__dict__.pop("sequence_quality_", None)\n',
        "",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: the report on the histories is the given one, fitted",
        _PIPELINE,
        "sequence_quality = clone(self.sequence_quality)",
        "sequence_quality = self.sequence_quality",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: what is asked of the histories gives way to the families",
        _PIPELINE,
        "{k: v for k, v in found.items() if given[k] is None}",
        "found",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: drift of the histories at another level",
        _PIPELINE,
        "of_sequences.drift(X, level=level, method=method)",
        "of_sequences.drift(X, method=method)",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: drift of the histories by another method",
        _PIPELINE,
        "of_sequences.drift(X, level=level, method=method)",
        "of_sequences.drift(X, level=level)",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: what was left out of the histories is forgotten",
        _PIPELINE,
        "of_sequences.report(X, left_out)",
        "of_sequences.report(X)",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: features at hand are computed again",
        _PIPELINE,
        "        if features is None:\n            features = X\n",
        "        if True:\n            features = X\n",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "pipeline: a part keeps no report on the histories",
        _PIPELINE,
        "and part.steps[0] is self.steps[0]:",
        "and False:",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "windows: where they end is that of the first family",
        _WINDOWS,
        "ends.pop() if len(ends) == 1 else (None, None)",
        "ends.pop()",
        _TESTS_OF_SEQUENCES,
    ),
    Fault(
        "handover: goes on after the call",
        _HANDOVER,
        "        _steps.reset(token)\n",
        "        pass\n",
        _TESTS_OF_OWNERSHIP,
    ),
    Fault(
        "handover: any step is the one that takes",
        _HANDOVER,
        "return _steps.get()[1] is taker",
        "return _steps.get()[1] is not None",
        _TESTS_OF_OWNERSHIP,
    ),
    Fault(
        "handover: any step is the one that makes",
        _HANDOVER,
        "return taker if known is maker else None",
        "return taker",
        (*_TESTS_OF_OWNERSHIP, *_TESTS_OF_LABELLED),
    ),
    Fault(
        "labelled: labels in place of another index",
        _LABELLED,
        "elif X_output.index.identical(pd.RangeIndex(len(index))):",
        "else:",
        _TESTS_OF_LABELLED,
    ),
    Fault(
        "labelled: labels of the histories for fewer rows",
        _LABELLED,
        "if index is not None and len(X_output) == len(index):",
        "if index is not None:",
        _TESTS_OF_LABELLED,
    ),
    Fault(
        "labelled: members are joined by their index",
        _LABELLED,
        "return [block.set_axis(range(len(X)) if index is None else index) for block in blocks]",
        "return blocks",
        _TESTS_OF_LABELLED,
    ),
    Fault(
        "labelled: none where the step behind gives frames",
        _LABELLED,
        "(taker is not None and not _gives_pandas(taker))",
        "taker is not None",
        _TESTS_OF_LABELLED,
    ),
    Fault(
        "serving: a copy of the pipeline is not made",
        _SERVING,
        "pipeline = copy.deepcopy(pipeline)  # fitting it again must not change this",
        "pipeline = pipeline  # fitting it again must not change this",
        _TESTS_OF_SERVING,
    ),
    Fault(
        "serving: filled in what another's code keeps",
        _SERVING,
        "features = np.array(features)",
        "features = np.asarray(features)",
        (*_TESTS_OF_SERVING, *_TESTS_OF_OWNERSHIP),
    ),
    Fault(
        "warnings: one line too deep",
        _WARNINGS,
        "level, frame = 2, sys._getframe(1)",
        "level, frame = 1, sys._getframe(1)",
        _TESTS_OF_WARNINGS,
    ),
    Fault(
        "warnings: one line too far out",
        _WARNINGS,
        "level, frame = 2, sys._getframe(1)",
        "level, frame = 3, sys._getframe(1)",
        _TESTS_OF_WARNINGS,
    ),
    Fault(
        "warnings: at the first caller, whoever that is",
        _WARNINGS,
        "while frame.f_back is not None and _package(frame) in _BETWEEN:",
        "while False:",
        _TESTS_OF_WARNINGS,
    ),
    *(
        Fault(
            f"warnings: in the code of {package}",
            _WARNINGS,
            '_BETWEEN = {"sktemporal", "sklearn", "joblib"}',
            f"_BETWEEN = {sorted({'sktemporal', 'sklearn', 'joblib'} - {package})}",
            _TESTS_OF_WARNINGS,
        )
        for package in ("sktemporal", "sklearn", "joblib")
    ),
    Fault(
        "warnings: of packages whose names begin alike, too",
        _WARNINGS,
        "_package(frame) in _BETWEEN",
        'frame.f_globals.get("__name__", "").startswith(tuple(_BETWEEN))',
        _TESTS_OF_WARNINGS,
    ),
]
