/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * double.h: the C library prints and reads numbers by way of double, not long double.
 *
 * On aarch64 a long double has 128 bits, and arithmetic with it is done in software: 14 KB in each program that prints
 * a number of any kind. Nothing in the image has a long double. musl has the code for machines where both are the
 * same, and takes it by these macros; the recipe replaces the type. A double is printed and read as exactly as before.
 */
#include <float.h>
#include <math.h>

#undef LDBL_MANT_DIG
#undef LDBL_MAX_EXP
#undef LDBL_MIN_EXP
#undef LDBL_EPSILON
#undef LDBL_MAX
#undef LDBL_MIN
#define LDBL_MANT_DIG DBL_MANT_DIG
#define LDBL_MAX_EXP DBL_MAX_EXP
#define LDBL_MIN_EXP DBL_MIN_EXP
#define LDBL_EPSILON DBL_EPSILON
#define LDBL_MAX DBL_MAX
#define LDBL_MIN DBL_MIN
#define frexpl frexp
#define fmodl fmod
#define fabsl fabs
#define scalbnl scalbn
#define copysignl copysign
