# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False, infer_types=True
"""All loops as one extension module: what their names are in C, and their sources as they are."""

cimport cython

ctypedef const unsigned char[::1] Bytes1
ctypedef const unsigned char[:, ::1] Bytes2
ctypedef const unsigned char[:, :, ::1] Bytes3
ctypedef unsigned char[:, ::1] OutBytes2
ctypedef unsigned char[:, :, ::1] OutBytes3
ctypedef const unsigned short[:, ::1] Counts2
ctypedef unsigned short[:, ::1] OutCounts2
ctypedef unsigned short[:, :, ::1] OutCounts3
ctypedef const unsigned int[::1] Codes1
ctypedef unsigned int[::1] OutCodes1
ctypedef short[::1] OutShorts1
ctypedef short[:, :, ::1] OutShorts3
ctypedef const int[::1] Ints1
ctypedef int[::1] OutInts1
ctypedef const long long[::1] Whole1
ctypedef const long long[:, ::1] Whole2
ctypedef long long[::1] OutWhole1
ctypedef long long[:, ::1] OutWhole2
ctypedef const float[::1] Real1
ctypedef const float[:, ::1] Real2
ctypedef float[::1] OutReal1
ctypedef float[:, ::1] OutReal2
ctypedef float[:, :, ::1] OutReal3
ctypedef double[::1] OutDouble1
ctypedef double[:, ::1] OutDouble2

ctypedef float f4
ctypedef double f8
ctypedef int i4
ctypedef long long i8
ctypedef unsigned int u4
ctypedef bint flag

cdef extern from *:
    # Conversions as C writes them; arithmetic with the smaller whole numbers is done with int anyway.
    int int16 "(short)" (double) noexcept nogil
    int int32 "(int)" (double) noexcept nogil
    long long int64 "(long long)" (double) noexcept nogil
    unsigned int uint32 "(unsigned int)" (double) noexcept nogil
    float float32 "(float)" (double) noexcept nogil
    double float64 "(double)" (double) noexcept nogil

cdef extern from "<math.h>":
    float rint "rintf" (float) noexcept nogil
    float sqrt "sqrtf" (float) noexcept nogil

cdef extern from *:
    # Of a pointer compilers make one instruction; of eight indices they do not.
    """
    static long long genloss_word(const unsigned char *p) {
        return (long long)((unsigned long long)p[0] << 56 | (unsigned long long)p[1] << 48 | (unsigned long long)p[2] << 40
            | (unsigned long long)p[3] << 32 | (unsigned long long)p[4] << 24 | (unsigned long long)p[5] << 16
            | (unsigned long long)p[6] << 8 | (unsigned long long)p[7]);
    }
    #define GENLOSS_WORD_AT(bytes, at) genloss_word((const unsigned char *)(bytes).data + (at))
    """
    long long word_at "GENLOSS_WORD_AT" (Bytes1, long long) noexcept nogil

cdef extern from *:
    """
    #if (defined(__x86_64__) || defined(__i386__)) && (defined(__GNUC__) || defined(__clang__))
    static int genloss_has_avx2(void) { __builtin_cpu_init(); return __builtin_cpu_supports("avx2") != 0; }
    #elif defined(_M_X64)
    #include <windows.h>
    static int genloss_has_avx2(void) { return IsProcessorFeaturePresent(40) != 0; } /* PF_AVX2_INSTRUCTIONS_AVAILABLE */
    #else
    static int genloss_has_avx2(void) { return 0; }
    #endif
    """
    int genloss_has_avx2() noexcept nogil
    unsigned int GENLOSS_SOURCE_CRC  # a macro that build.py defines


def has_avx2() -> bool:
    """Whether this processor has the instructions of the other variant."""
    return genloss_has_avx2() != 0


def source_crc() -> int:
    """Checksum of the sources this was compiled from."""
    return GENLOSS_SOURCE_CRC


include "blocks.py"
include "codes.py"
include "colours.py"
include "derivations.py"
include "filters.py"
include "lattices.py"
include "levels.py"
include "lines.py"
include "scanlines.py"
include "warps.py"
