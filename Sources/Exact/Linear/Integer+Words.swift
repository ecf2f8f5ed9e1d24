internal import CGMP

extension Integer {
  /// The 64-bit words of the magnitude, least significant first; none for 0.
  var magnitudeWords: [UInt] {
    unsafe read { number in
      // GMP normalises, so the number has `mpz_size` initialised limbs.
      unsafe Array(UnsafeBufferPointer(start: mpz_limbs_read(number), count: plumb_mpz_size(number)))
    }
  }
}
