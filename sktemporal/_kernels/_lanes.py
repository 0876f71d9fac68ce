"""Eight floats at a time: the processor's vectors, in kernels.

A value of *lanes* holds eight float64, one of each of eight slices. It adds, multiplies and
compares as a float does, lane by lane, so a formula written once serves both, with the same bits in
every lane: each operation is rounded by itself, and no two lanes ever meet. Comparing gives a mask,
and `choose` takes the place of ``if``.

LLVM turns them into instructions of whatever width the processor has. Without compilation, lanes
are numpy arrays.
"""

import operator

import numba
import numpy as np

from . import LANES

if numba.config.DISABLE_JIT:

    def spread(x):
        """The same float in all lanes."""
        return np.full(LANES, float(x))

    def load(x, i):
        """Eight successive elements of an array."""
        return x[i : i + LANES].copy()

    def store(x, i, lanes):
        """Write into eight successive elements of an array."""
        x[i : i + LANES] = lanes

    def lane(lanes, k):
        """The float in one lane."""
        return lanes[k]

    def choose(mask, a, b):
        """Of a where the mask holds, else of b."""
        return np.where(mask, a, b)

    def root(a):
        """Square root."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(a)

    def over(a, b):
        """Quotient; by zero as floats have it."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return a / b

    def floor(a):
        """Largest whole number that is not larger."""
        return np.floor(a)

    def product_rest(a, b, product):
        """By how much the rounded product of a and b is too small: a float, exactly."""
        with np.errstate(invalid="ignore", over="ignore"):
            return _dekker(a, b, product)

    def _dekker(a, b, product):
        splitter = 2.0**27 + 1.0
        high_a = splitter * a - (splitter * a - a)
        high_b = splitter * b - (splitter * b - b)
        low_a, low_b = a - high_a, b - high_b
        return ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b

    def power_below(a):
        """The largest power of two that is not larger than a normal float; its sign is kept."""
        bits = a.view(np.int64) & np.int64(-(1 << 52))
        return bits.view(np.float64)

    def inverse_of_power(a):
        """One divided by a power of two, which is exact."""
        return (np.int64(2046 << 52) - a.view(np.int64)).view(np.float64)

    def all_hold(mask):
        """Whether a mask holds in all lanes."""
        return bool(mask.all())

    def count_up_to(x, i, threshold, n):
        """How many of the eight integers from x[i] on, or of the first n, are not larger."""
        return int(np.count_nonzero(x[i : i + min(n, LANES)] <= threshold))

    def has_long_columns(table):
        """Whether successive elements of a column of a table lie side by side."""
        return table.strides[0] == table.itemsize

    def load_column(table, row, column):
        """Eight successive elements of a column of a table that has long columns."""
        return table[row : row + LANES, column].astype(np.float64)

    def exchange(pairs):
        """Make a function that compares and exchanges pairs of rows of lanes: x[i : i + 8], ..."""

        def exchanged(x, i):
            rows = x[i:]
            for a, b in pairs:
                first, second = load(rows, a * LANES), load(rows, b * LANES)
                store(rows, a * LANES, np.minimum(first, second))
                store(rows, b * LANES, np.maximum(first, second))

        return exchanged

    def rows_at(out, rows, i, at, k):
        """Write, from at[k] on, where eight rows of a table begin: rows[i], ..."""
        at[k : k + LANES] = rows[i : i + LANES]

    def scatter(out, at, k, column, lanes):
        """Write each lane into a column of its row, those at[k], ..."""
        out[at[k : k + LANES], column] = lanes

    def transpose(*rows):
        """Of eight lanes, each a row, the eight columns."""
        return tuple(np.array(rows).T)

else:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.core.typing.templates import AbstractTemplate, infer_global, signature
    from numba.extending import intrinsic, lower_builtin, models, register_model

    class _LanesType(types.Type):
        pass

    _FLOATS, _MASK = _LanesType("lanes"), _LanesType("mask")
    _VECTOR = ir.VectorType(ir.DoubleType(), LANES)
    _BITS = ir.VectorType(ir.IntType(64), LANES)

    @register_model(_LanesType)
    class _LanesModel(models.PrimitiveModel):
        def __init__(self, manager, kind):
            element = ir.DoubleType() if kind is _FLOATS else ir.IntType(1)
            super().__init__(manager, kind, ir.VectorType(element, LANES))

    def _splat(builder, scalar, kind=_VECTOR):
        one = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.IntType(32)(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(one, one, zeros)

    def _as_vector(context, builder, kind, value):
        if kind in (_FLOATS, _MASK):
            return value
        return _splat(builder, context.cast(builder, value, kind, types.float64))

    def _operator(operation, result, emit):
        """Let an operator take lanes, or lanes and a float."""

        @infer_global(operation)
        class _Template(AbstractTemplate):
            def generic(self, arguments, _keywords):
                wanted = (_MASK,) if operation in (operator.and_, operator.or_) else (_FLOATS,)
                if any(a in wanted for a in arguments) and all(
                    a in wanted or isinstance(a, types.Float) for a in arguments
                ):
                    return signature(result, *arguments)
                return None

        def lower(context, builder, called, values):
            pairs = zip(called.args, values, strict=True)
            return emit(builder, *(_as_vector(context, builder, *pair) for pair in pairs))

        for first, second in (
            (_FLOATS, _FLOATS),
            (_FLOATS, types.Float),
            (types.Float, _FLOATS),
            (_MASK, _MASK),
        ):
            lower_builtin(operation, first, second)(lower)

    _operator(operator.add, _FLOATS, lambda builder, a, b: builder.fadd(a, b))
    _operator(operator.sub, _FLOATS, lambda builder, a, b: builder.fsub(a, b))
    _operator(operator.mul, _FLOATS, lambda builder, a, b: builder.fmul(a, b))
    _operator(operator.lt, _MASK, lambda builder, a, b: builder.fcmp_ordered("<", a, b))
    _operator(operator.le, _MASK, lambda builder, a, b: builder.fcmp_ordered("<=", a, b))
    _operator(operator.gt, _MASK, lambda builder, a, b: builder.fcmp_ordered(">", a, b))
    _operator(operator.ge, _MASK, lambda builder, a, b: builder.fcmp_ordered(">=", a, b))
    _operator(operator.eq, _MASK, lambda builder, a, b: builder.fcmp_ordered("==", a, b))
    _operator(operator.ne, _MASK, lambda builder, a, b: builder.fcmp_unordered("!=", a, b))
    _operator(operator.and_, _MASK, lambda builder, a, b: builder.and_(a, b))
    _operator(operator.or_, _MASK, lambda builder, a, b: builder.or_(a, b))

    @infer_global(abs)
    class _Abs(AbstractTemplate):
        def generic(self, arguments, _keywords):
            return signature(_FLOATS, _FLOATS) if arguments == (_FLOATS,) else None

    def _llvm(builder, name, *values):
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(values))
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f64")
        return builder.call(function, values)

    @lower_builtin(abs, _FLOATS)
    def _lower_abs(_context, builder, _signature, values):
        return _llvm(builder, "fabs", *values)

    def _address(context, builder, kind, array, index, vector=_VECTOR):
        data = context.make_array(kind)(context, builder, array).data
        return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())

    def _index(context, builder, kind, value):
        return context.cast(builder, value, kind, types.int64)

    @intrinsic
    def spread(_context, x):
        """The same float in all lanes."""

        def generate(context, builder, called, values):
            return _splat(builder, context.cast(builder, values[0], called.args[0], types.float64))

        return _FLOATS(x), generate

    @intrinsic
    def load(_context, x, i):
        """Eight successive elements of a one-dimensional contiguous float64 array."""

        def generate(context, builder, called, values):
            index = _index(context, builder, called.args[1], values[1])
            address = _address(context, builder, called.args[0], values[0], index)
            return builder.load(address, align=8)

        return _FLOATS(x, i), generate

    @intrinsic
    def store(_context, x, i, lanes):
        """Write into eight successive elements of a one-dimensional contiguous float64 array."""

        def generate(context, builder, called, values):
            index = _index(context, builder, called.args[1], values[1])
            address = _address(context, builder, called.args[0], values[0], index)
            builder.store(values[2], address, align=8)
            return context.get_dummy_value()

        return types.void(x, i, lanes), generate

    @intrinsic
    def lane(_context, lanes, k):
        """The float in one lane."""

        def generate(context, builder, called, values):
            return builder.extract_element(
                values[0], _index(context, builder, called.args[1], values[1])
            )

        return types.float64(lanes, k), generate

    @intrinsic
    def choose(_context, mask, a, b):
        """Of a where the mask holds, else of b."""

        def generate(context, builder, called, values):
            mask, *values = values
            pairs = zip(called.args[1:], values, strict=True)
            return builder.select(mask, *(_as_vector(context, builder, *pair) for pair in pairs))

        return _FLOATS(mask, a, b), generate

    @intrinsic
    def root(_context, a):
        """Square root."""
        return _FLOATS(a), lambda _, builder, __, values: _llvm(builder, "sqrt", *values)

    @intrinsic
    def floor(_context, a):
        """Largest whole number that is not larger."""
        return _FLOATS(a), lambda _, builder, __, values: _llvm(builder, "floor", *values)

    @intrinsic
    def over(_context, a, b):
        """Quotient; by zero as floats have it."""

        def generate(context, builder, called, values):
            pairs = zip(called.args, values, strict=True)
            return builder.fdiv(*(_as_vector(context, builder, *pair) for pair in pairs))

        return _FLOATS(a, b), generate

    @intrinsic
    def product_rest(_context, a, b, product):
        """By how much the rounded product of a and b is too small: a float, exactly."""

        def generate(context, builder, called, values):
            pairs = zip(called.args, values, strict=True)
            a, b, product = (_as_vector(context, builder, *pair) for pair in pairs)
            return _llvm(builder, "fma", a, b, builder.fneg(product))

        return _FLOATS(a, b, product), generate

    @intrinsic
    def power_below(_context, a):
        """The largest power of two that is not larger than a normal float; its sign is kept."""

        def generate(_context, builder, _signature, values):
            upper = ir.Constant(_BITS, [-(1 << 52)] * LANES)
            bits = builder.and_(builder.bitcast(values[0], _BITS), upper)
            return builder.bitcast(bits, _VECTOR)

        return _FLOATS(a), generate

    @intrinsic
    def inverse_of_power(_context, a):
        """One divided by a power of two, which is exact."""

        def generate(_context, builder, _signature, values):
            sum_of_fields = ir.Constant(_BITS, [2046 << 52] * LANES)
            bits = builder.sub(sum_of_fields, builder.bitcast(values[0], _BITS))
            return builder.bitcast(bits, _VECTOR)

        return _FLOATS(a), generate

    @intrinsic
    def count_up_to(_context, x, i, threshold, n):
        """How many of the eight integers from x[i] on, or of the first n, are not larger."""

        def generate(context, builder, called, values):
            index = _index(context, builder, called.args[1], values[1])
            address = _address(context, builder, called.args[0], values[0], index, _BITS)
            found = builder.icmp_signed(
                "<=", builder.load(address, align=8), _splat(builder, values[2], _BITS)
            )
            found = builder.zext(builder.bitcast(found, ir.IntType(LANES)), ir.IntType(64))
            n = _index(context, builder, called.args[3], values[3])
            most = ir.IntType(64)(LANES)
            n = builder.select(builder.icmp_signed("<", n, most), n, most)
            one = ir.IntType(64)(1)
            first = builder.sub(builder.shl(one, n), one)
            return builder.ctpop(builder.and_(found, first))

        return types.int64(x, i, types.int64, n), generate

    @intrinsic
    def has_long_columns(_context, table):
        """Whether successive elements of a column of a table lie side by side."""

        def generate(context, builder, called, values):
            array = context.make_array(called.args[0])(context, builder, values[0])
            stride = cgutils.unpack_tuple(builder, array.strides)[0]
            return builder.icmp_signed("==", stride, array.itemsize)

        return types.boolean(table), generate

    @intrinsic
    def load_column(_context, table, row, column):
        """Eight successive elements of a column of a table that has long columns."""

        def generate(context, builder, called, values):
            array = context.make_array(called.args[0])(context, builder, values[0])
            offsets = [
                builder.mul(_index(context, builder, kind, value), stride)
                for kind, value, stride in zip(
                    called.args[1:],
                    values[1:],
                    cgutils.unpack_tuple(builder, array.strides),
                    strict=True,
                )
            ]
            element = context.get_data_type(called.args[0].dtype)
            address = builder.bitcast(array.data, ir.IntType(8).as_pointer())
            address = builder.gep(address, [builder.add(*offsets)])
            address = builder.bitcast(address, ir.VectorType(element, LANES).as_pointer())
            lanes = builder.load(address, align=element.get_abi_alignment(context.target_data))
            return lanes if element == ir.DoubleType() else builder.fpext(lanes, _VECTOR)

        return _FLOATS(table, row, column), generate

    def exchange(pairs):
        """Make a function that compares and exchanges pairs of rows of lanes: x[i : i + 8], ..."""
        last_use = {row: k for k, pair in enumerate(pairs) for row in pair}

        @intrinsic
        def exchanged(_context, x, i):
            def generate(context, builder, called, values):
                index = _index(context, builder, called.args[1], values[1])
                start = _address(context, builder, called.args[0], values[0], index)
                held = {}  # between first and last use: a row is read and written once
                for k, pair in enumerate(pairs):
                    places = [builder.gep(start, [ir.IntType(64)(row)]) for row in pair]
                    for row, place in zip(pair, places, strict=True):
                        if row not in held:
                            held[row] = builder.load(place, align=8)
                    a, b = (held[row] for row in pair)
                    smaller = builder.fcmp_ordered("<", a, b)
                    for row, place, order in zip(pair, places, ((a, b), (b, a)), strict=True):
                        held[row] = builder.select(smaller, *order)
                        if last_use[row] == k:
                            builder.store(held[row], place, align=8)
                return context.get_dummy_value()

            return types.void(x, i), generate

        return exchanged

    @intrinsic
    def rows_at(_context, out, rows, i, at, k):
        """Write, from at[k] on, where eight rows of a table begin: rows[i], ..."""

        def generate(context, builder, called, values):
            strides = context.make_array(called.args[0])(context, builder, values[0]).strides
            stride = cgutils.unpack_tuple(builder, strides)[0]
            rows = context.make_array(called.args[1])(context, builder, values[1]).data
            rows = builder.gep(rows, [_index(context, builder, called.args[2], values[2])])
            target = context.make_array(called.args[3])(context, builder, values[3]).data
            target = builder.gep(target, [_index(context, builder, called.args[4], values[4])])
            for lane in map(ir.IntType(64), range(LANES)):
                row = builder.load(builder.gep(rows, [lane]))
                builder.store(builder.mul(row, stride), builder.gep(target, [lane]))
            return context.get_dummy_value()

        return types.void(out, rows, i, at, k), generate

    @intrinsic
    def scatter(_context, out, at, k, column, lanes):
        """Write each lane into a column of its row, those at[k], ..."""

        def generate(context, builder, called, values):
            array = context.make_array(called.args[0])(context, builder, values[0])
            stride = cgutils.unpack_tuple(builder, array.strides)[1]
            column = _index(context, builder, called.args[3], values[3])
            start = builder.bitcast(array.data, ir.IntType(8).as_pointer())
            start = builder.gep(start, [builder.mul(column, stride)])
            rows = context.make_array(called.args[1])(context, builder, values[1]).data
            rows = builder.gep(rows, [_index(context, builder, called.args[2], values[2])])
            for lane in map(ir.IntType(64), range(LANES)):
                row = builder.load(builder.gep(rows, [lane]))
                address = builder.gep(start, [row])
                address = builder.bitcast(address, ir.DoubleType().as_pointer())
                builder.store(builder.extract_element(values[4], lane), address, align=8)
            return context.get_dummy_value()

        return types.void(out, at, k, column, lanes), generate

    @intrinsic
    def transpose(_context, a, b, c, d, e, f, g, h):
        """Of eight lanes, each a row, the eight columns."""

        def generate(context, builder, called, rows):
            # Three times, rows that are 4, 2, 1 apart exchange the blocks beside the diagonal.
            rows = list(rows)
            for size in (4, 2, 1):
                for i in (k for k in range(LANES) if not k & size):
                    upper, lower = rows[i], rows[i + size]
                    for row, shift in ((i, 0), (i + size, size)):
                        places = [
                            (k & ~size) + shift + (LANES if k & size else 0) for k in range(LANES)
                        ]
                        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), places)
                        rows[row] = builder.shuffle_vector(upper, lower, mask)
            return context.make_tuple(builder, called.return_type, rows)

        return types.UniTuple(_FLOATS, LANES)(*(_FLOATS,) * LANES), generate

    @intrinsic
    def all_hold(_context, mask):
        """Whether a mask holds in all lanes."""

        def generate(_context, builder, _signature, values):
            bits = builder.bitcast(values[0], ir.IntType(LANES))
            return builder.icmp_signed("==", bits, ir.IntType(LANES)(-1))

        return types.boolean(mask), generate
