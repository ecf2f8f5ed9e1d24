// The standard library's own normal form, which it compares strings by: that of Foundation leaves a syllable of two jamo and
// the jamo behind it apart.
@_spi(_Unicode) import Swift

extension String {
  /// The text in Unicode's normal form C.
  var composed: String {
    var scalars = UnicodeScalarView()
    scalars.append(contentsOf: _nfc)
    return String(scalars)
  }

  /// Whether it is in that form.
  var isComposed: Bool { composed.unicodeScalars.elementsEqual(unicodeScalars) }
}
