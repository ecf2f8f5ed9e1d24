// GMP as Swift sees it.
//
// gmp.h renames each of its functions by a macro (`mpz_add` is `__gmpz_add`), and Swift imports no renaming macro.
// Each declaration below therefore repeats one of gmp.h's under the name its manual gives it; the compiler checks that
// the two agree. What is a macro with arguments in gmp.h (`mpq_numref`, `mpz_sgn`) needs a function, since Swift cannot
// call a macro: those stand at the end.
#ifndef PLUMB_CGMP_H
#define PLUMB_CGMP_H

#include <gmp.h>

// mpz: integers
void mpz_init(mpz_ptr)
  __attribute__((swift_name("mpz_init(_:)")));
void mpz_init2(mpz_ptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_init2(_:_:)")));
void mpz_init_set(mpz_ptr, mpz_srcptr)
  __attribute__((swift_name("mpz_init_set(_:_:)")));
void mpz_clear(mpz_ptr)
  __attribute__((swift_name("mpz_clear(_:)")));
void mpz_set(mpz_ptr, mpz_srcptr)
  __attribute__((swift_name("mpz_set(_:_:)")));
void mpz_set_si(mpz_ptr, long)
  __attribute__((swift_name("mpz_set_si(_:_:)")));
void mpz_set_ui(mpz_ptr, unsigned long)
  __attribute__((swift_name("mpz_set_ui(_:_:)")));
int mpz_set_str(mpz_ptr, const char *, int)
  __attribute__((swift_name("mpz_set_str(_:_:_:)")));
char *mpz_get_str(char *, int, mpz_srcptr)
  __attribute__((swift_name("mpz_get_str(_:_:_:)")));
long mpz_get_si(mpz_srcptr)
  __attribute__((swift_name("mpz_get_si(_:)")));
int mpz_fits_slong_p(mpz_srcptr)
  __attribute__((swift_name("mpz_fits_slong_p(_:)")));
void mpz_swap(mpz_ptr, mpz_ptr)
  __attribute__((swift_name("mpz_swap(_:_:)")));
void mpz_add(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_add(_:_:_:)")));
void mpz_add_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_add_ui(_:_:_:)")));
void mpz_sub(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_sub(_:_:_:)")));
void mpz_sub_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_sub_ui(_:_:_:)")));
void mpz_mul(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_mul(_:_:_:)")));
void mpz_mul_si(mpz_ptr, mpz_srcptr, long)
  __attribute__((swift_name("mpz_mul_si(_:_:_:)")));
void mpz_mul_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_mul_ui(_:_:_:)")));
void mpz_mul_2exp(mpz_ptr, mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_mul_2exp(_:_:_:)")));
void mpz_addmul(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_addmul(_:_:_:)")));
void mpz_addmul_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_addmul_ui(_:_:_:)")));
void mpz_submul(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_submul(_:_:_:)")));
void mpz_submul_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_submul_ui(_:_:_:)")));
void mpz_fdiv_q(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_fdiv_q(_:_:_:)")));
void mpz_fdiv_qr(mpz_ptr, mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_fdiv_qr(_:_:_:_:)")));
void mpz_cdiv_q(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_cdiv_q(_:_:_:)")));
void mpz_tdiv_q(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_tdiv_q(_:_:_:)")));
void mpz_tdiv_qr(mpz_ptr, mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_tdiv_qr(_:_:_:_:)")));
unsigned long mpz_fdiv_q_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_fdiv_q_ui(_:_:_:)")));
unsigned long mpz_cdiv_q_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_cdiv_q_ui(_:_:_:)")));
unsigned long mpz_tdiv_q_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_tdiv_q_ui(_:_:_:)")));
void mpz_fdiv_q_2exp(mpz_ptr, mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_fdiv_q_2exp(_:_:_:)")));
void mpz_cdiv_q_2exp(mpz_ptr, mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_cdiv_q_2exp(_:_:_:)")));
void mpz_tdiv_q_2exp(mpz_ptr, mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_tdiv_q_2exp(_:_:_:)")));
void mpz_fdiv_r_2exp(mpz_ptr, mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_fdiv_r_2exp(_:_:_:)")));
void mpz_divexact(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_divexact(_:_:_:)")));
void mpz_sqrt(mpz_ptr, mpz_srcptr)
  __attribute__((swift_name("mpz_sqrt(_:_:)")));
void mpz_sqrtrem(mpz_ptr, mpz_ptr, mpz_srcptr)
  __attribute__((swift_name("mpz_sqrtrem(_:_:_:)")));
void mpz_pow_ui(mpz_ptr, mpz_srcptr, unsigned long)
  __attribute__((swift_name("mpz_pow_ui(_:_:_:)")));
void mpz_gcd(mpz_ptr, mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_gcd(_:_:_:)")));
int mpz_cmp(mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_cmp(_:_:)")));
int mpz_cmpabs(mpz_srcptr, mpz_srcptr)
  __attribute__((swift_name("mpz_cmpabs(_:_:)")));
int mpz_tstbit(mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_tstbit(_:_:)")));
mp_bitcnt_t mpz_scan1(mpz_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpz_scan1(_:_:)")));
size_t mpz_sizeinbase(mpz_srcptr, int)
  __attribute__((swift_name("mpz_sizeinbase(_:_:)")));
double mpz_get_d_2exp(signed long *, mpz_srcptr)
  __attribute__((swift_name("mpz_get_d_2exp(_:_:)")));
mp_ptr mpz_limbs_modify(mpz_ptr, mp_size_t)
  __attribute__((swift_name("mpz_limbs_modify(_:_:)")));
mp_srcptr mpz_limbs_read(mpz_srcptr)
  __attribute__((swift_name("mpz_limbs_read(_:)")));
void mpz_limbs_finish(mpz_ptr, mp_size_t)
  __attribute__((swift_name("mpz_limbs_finish(_:_:)")));
void *mpz_export(void *, size_t *, int, size_t, int, size_t, mpz_srcptr)
  __attribute__((swift_name("mpz_export(_:_:_:_:_:_:_:)")));
void mpz_import(mpz_ptr, size_t, int, size_t, int, size_t, const void *)
  __attribute__((swift_name("mpz_import(_:_:_:_:_:_:_:)")));

// mpq: rationals
void mpq_init(mpq_ptr)
  __attribute__((swift_name("mpq_init(_:)")));
void mpq_clear(mpq_ptr)
  __attribute__((swift_name("mpq_clear(_:)")));
void mpq_canonicalize(mpq_ptr)
  __attribute__((swift_name("mpq_canonicalize(_:)")));
void mpq_set(mpq_ptr, mpq_srcptr)
  __attribute__((swift_name("mpq_set(_:_:)")));
void mpq_set_z(mpq_ptr, mpz_srcptr)
  __attribute__((swift_name("mpq_set_z(_:_:)")));
void mpq_set_si(mpq_ptr, long, unsigned long)
  __attribute__((swift_name("mpq_set_si(_:_:_:)")));
void mpq_set_num(mpq_ptr, mpz_srcptr)
  __attribute__((swift_name("mpq_set_num(_:_:)")));
void mpq_set_den(mpq_ptr, mpz_srcptr)
  __attribute__((swift_name("mpq_set_den(_:_:)")));
void mpq_inv(mpq_ptr, mpq_srcptr)
  __attribute__((swift_name("mpq_inv(_:_:)")));
void mpq_add(mpq_ptr, mpq_srcptr, mpq_srcptr)
  __attribute__((swift_name("mpq_add(_:_:_:)")));
void mpq_sub(mpq_ptr, mpq_srcptr, mpq_srcptr)
  __attribute__((swift_name("mpq_sub(_:_:_:)")));
void mpq_mul(mpq_ptr, mpq_srcptr, mpq_srcptr)
  __attribute__((swift_name("mpq_mul(_:_:_:)")));
void mpq_div(mpq_ptr, mpq_srcptr, mpq_srcptr)
  __attribute__((swift_name("mpq_div(_:_:_:)")));
void mpq_mul_2exp(mpq_ptr, mpq_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpq_mul_2exp(_:_:_:)")));
void mpq_div_2exp(mpq_ptr, mpq_srcptr, mp_bitcnt_t)
  __attribute__((swift_name("mpq_div_2exp(_:_:_:)")));
int mpq_cmp(mpq_srcptr, mpq_srcptr)
  __attribute__((swift_name("mpq_cmp(_:_:)")));
int mpq_equal(mpq_srcptr, mpq_srcptr)
  __attribute__((swift_name("mpq_equal(_:_:)")));

// mpn: limbs
mp_limb_t mpn_addmul_1(mp_ptr, mp_srcptr, mp_size_t, mp_limb_t)
  __attribute__((swift_name("mpn_addmul_1(_:_:_:_:)")));
mp_limb_t mpn_submul_1(mp_ptr, mp_srcptr, mp_size_t, mp_limb_t)
  __attribute__((swift_name("mpn_submul_1(_:_:_:_:)")));
mp_limb_t mpn_mul_1(mp_ptr, mp_srcptr, mp_size_t, mp_limb_t)
  __attribute__((swift_name("mpn_mul_1(_:_:_:_:)")));
mp_limb_t mpn_add_n(mp_ptr, mp_srcptr, mp_srcptr, mp_size_t)
  __attribute__((swift_name("mpn_add_n(_:_:_:_:)")));
mp_limb_t mpn_sub_n(mp_ptr, mp_srcptr, mp_srcptr, mp_size_t)
  __attribute__((swift_name("mpn_sub_n(_:_:_:_:)")));
mp_limb_t mpn_mul(mp_ptr, mp_srcptr, mp_size_t, mp_srcptr, mp_size_t)
  __attribute__((swift_name("mpn_mul(_:_:_:_:_:)")));
void mpn_sqr(mp_ptr, mp_srcptr, mp_size_t)
  __attribute__((swift_name("mpn_sqr(_:_:_:)")));
mp_limb_t mpn_divrem_1(mp_ptr, mp_size_t, mp_srcptr, mp_size_t, mp_limb_t)
  __attribute__((swift_name("mpn_divrem_1(_:_:_:_:_:)")));
mp_size_t mpn_sqrtrem(mp_ptr, mp_ptr, mp_srcptr, mp_size_t)
  __attribute__((swift_name("mpn_sqrtrem(_:_:_:_:)")));
void mpn_tdiv_qr(mp_ptr, mp_ptr, mp_size_t, mp_srcptr, mp_size_t, mp_srcptr, mp_size_t)
  __attribute__((swift_name("mpn_tdiv_qr(_:_:_:_:_:_:_:)")));

// gmp.h defines these inline, and Swift takes no new name from a redeclaration of what is already defined.
static inline void plumb_mpz_neg(mpz_ptr result, mpz_srcptr value) { mpz_neg(result, value); }
static inline size_t plumb_mpz_size(mpz_srcptr value) { return mpz_size(value); }
static inline unsigned long plumb_mpz_get_ui(mpz_srcptr value) { return mpz_get_ui(value); }

// Macros with arguments, which Swift cannot call.
static inline int plumb_mpz_sgn(mpz_srcptr value) { return mpz_sgn(value); }
static inline int plumb_mpq_sgn(mpq_srcptr value) { return mpq_sgn(value); }
static inline int plumb_mpz_odd(mpz_srcptr value) { return mpz_odd_p(value); }
static inline mpz_ptr plumb_mpq_numref(mpq_ptr value) { return mpq_numref(value); }
static inline mpz_ptr plumb_mpq_denref(mpq_ptr value) { return mpq_denref(value); }

#endif
