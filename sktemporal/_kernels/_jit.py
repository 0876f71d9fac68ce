"""The one set of compiler options, and the array types in kernel signatures."""

import threading

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ._cache import keep

# What kernels read may be strided or read-only (a memory-mapped fold in a worker process); a
# contiguous writable array converts to this type, so one compiled version serves all.
READ_ONLY_TABLES = tuple(
    types.Array(dtype, 2, "A", readonly=True)
    for dtype in (types.float64, types.float32, types.int32)
)
FLOAT_TABLES = READ_ONLY_TABLES[:2]
INDEX = types.Array(types.int64, 1, "C", readonly=True)  # starts, stops, choices, times
INDEX_TABLE = types.Array(types.int64, 2, "C", readonly=True)  # a row of them for each window
VALUES = types.float64[::1]  # one field, compacted
BITS = types.int64[::1]  # the same memory, read as integers
LIMBS = types.uint64[:, ::1]  # a whole number a row, in digits of base 2**64
AGES = types.Array(types.uint64, 1, "C", readonly=True)  # differences of times
COUNTS = types.int64[::1]
PLACES = types.int64[:, ::1]
OUT = types.float64[:, :]  # a block of columns of the feature matrix
OUT_COLUMN = types.float64[:]

_COMPILING = threading.RLock()


def kernel(*signatures):
    """Declare a function that `ready` compiles for the given signatures.

    No fastmath: the order of every fold is part of a feature's definition. ``error_model="numpy"``
    lets a division by zero give inf or NaN. The global interpreter lock is released.
    """

    def compiled(function):
        if numba.config.DISABLE_JIT:
            return function
        dispatcher = numba.njit(nogil=True, error_model="numpy")(function)
        keep(dispatcher, signatures)
        dispatcher.declared = signatures
        return dispatcher

    return compiled


def ready(kernel):
    """Compile a kernel for its signatures and no others, or take it from the cache on disk."""
    with _COMPILING:  # several threads may be the first to use it
        if getattr(kernel, "declared", None):
            for signature in kernel.declared:
                kernel.compile(signature)
            kernel.disable_compile()
            kernel.declared = None
    return kernel


def inlined(function):
    """Compile a helper that kernels call, for whatever types they call it with."""
    return numba.njit(function, nogil=True, error_model="numpy")


def forced_inline(function):
    """Compile a helper into its callers, where its constant arguments unroll its loops."""
    return numba.njit(function, nogil=True, error_model="numpy", forceinline=True)


if numba.config.DISABLE_JIT:

    def high_product(a, b):
        """Return the upper 64 bits of the product of two uint64."""
        return np.uint64((int(a) * int(b)) >> 64)

    def folded_product(a, b):
        """Multiply two uint64, and fold the upper 64 bits of the product into the lower ones."""
        product = int(a) * int(b)
        return np.uint64((product >> 64) ^ (product & (2**64 - 1)))

    def leading_zeros(a):
        """Count the zero bits above the highest one of a uint64."""
        return 64 - int(a).bit_length()

    def swapped_bytes(a):
        """Return a uint64 with its bytes in the reverse order."""
        return np.uint64(int.from_bytes(int(a).to_bytes(8, "little"), "big"))

    def load_word(data, position):
        """Read eight bytes of a uint8 array as a uint64, the first byte lowest."""
        return np.uint64(int.from_bytes(data[position : position + 8].tobytes(), "little"))

else:

    @intrinsic
    def high_product(_context, a, b):
        """Return the upper 64 bits of the product of two uint64: one instruction."""

        def generate(_context, builder, _signature, arguments):
            wide = ir.IntType(128)
            a, b = (builder.zext(argument, wide) for argument in arguments)
            return builder.trunc(builder.lshr(builder.mul(a, b), wide(64)), ir.IntType(64))

        return types.uint64(types.uint64, types.uint64), generate

    @intrinsic
    def folded_product(_context, a, b):
        """Multiply two uint64, and fold the upper 64 bits of the product into the lower ones."""

        def generate(_context, builder, _signature, arguments):
            wide, narrow = ir.IntType(128), ir.IntType(64)
            a, b = (builder.zext(argument, wide) for argument in arguments)
            product = builder.mul(a, b)
            upper = builder.trunc(builder.lshr(product, wide(64)), narrow)
            return builder.xor(upper, builder.trunc(product, narrow))

        return types.uint64(types.uint64, types.uint64), generate

    @intrinsic
    def swapped_bytes(_context, a):
        """Return a uint64 with its bytes in the reverse order: one instruction."""

        def generate(_context, builder, _signature, arguments):
            return builder.bswap(arguments[0])

        return types.uint64(types.uint64), generate

    @intrinsic
    def load_word(_context, data, position):
        """Read eight bytes of a uint8 array as a uint64, the first byte lowest."""

        def generate(context, builder, signature, arguments):
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            place = builder.gep(array.data, [arguments[1]])
            word = builder.bitcast(place, ir.IntType(64).as_pointer())
            return builder.load(word, align=1)

        return types.uint64(data, types.int64), generate

    @intrinsic
    def leading_zeros(_context, a):
        """Count the zero bits above the highest one of a uint64: one instruction."""

        def generate(_context, builder, _signature, arguments):
            return builder.ctlz(arguments[0], ir.IntType(1)(0))

        return types.int64(types.uint64), generate
