import Foundation
// The standard library's own normal forms, which it compares strings by: that of Foundation leaves a syllable of two jamo and
// the jamo behind it apart.
@_spi(_Unicode) import Swift

extension String {
  /// The text in Unicode's normal form C.
  var composed: String {
    var scalars = UnicodeScalarView()
    scalars.append(contentsOf: _nfc)
    return String(scalars)
  }

  /// The text in Unicode's normal form D.
  var decomposed: String {
    if unicodeScalars.allSatisfy(\.isASCII) { return self }
    var scalars = UnicodeScalarView()
    scalars.append(contentsOf: _nfd)
    return String(scalars)
  }

  /// The text in Unicode's normal form KD.
  var compatiblyDecomposed: String {
    if unicodeScalars.allSatisfy(\.isASCII) { return self }
    // Each scalar by itself, as a mapping does not look at its neighbours; form D puts the marks in order.
    var scalars = UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isASCII {
        scalars.append(scalar)
      } else {
        scalars.append(contentsOf: String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars)
      }
    }
    return String(scalars).decomposed
  }
}
