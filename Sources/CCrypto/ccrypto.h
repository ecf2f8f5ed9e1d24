// SHA-256 as Swift sees it: OpenSSL's libcrypto, by the functions that its manual recommends (EVP_DigestInit).
//
// Why not a Swift package: those that have SHA-256 bring all of a cryptographic library along as sources, which took some 100 s of
// every first build on two cores.
#include <openssl/evp.h>
