// swift-format-ignore: AlwaysUseLowerCamelCase
/// The types of GGUF tensors that are read as the numbers that they stand for, each a Float32: those with codebooks, of three levels, and
/// NVFP4.
///
/// The raw values are those of `ggml_type`. `d` is a binary16, s the scale of a run of elements, g a number of a `CodebookGrid`.
enum CodebookType: UInt32, CaseIterable {
  /// d·(½ + s)/4·±g, signs of eight by seven bits and their parity.
  case iq2_XXS = 16
  /// The same, with a scale for each 16.
  case iq2_XS = 17
  /// d·(½ + s)/2·±g, signs as `iq2_XXS`.
  case iq3_XXS = 18
  /// d·(2s + 1)·(g ± ⅛).
  case iq1_S = 19
  /// d·(2s + 1)·±g, with a bit for each sign.
  case iq3_S = 21
  /// d·(½ + s)/4·±g, with a bit for each sign.
  case iq2_S = 22
  /// As `iq1_S`, with d in four parts.
  case iq1_M = 29
  /// d·(t − 1), five digits t of base 3 in a byte.
  case tq1_0 = 34
  /// d·(t − 1), four digits t of base 4 in a byte.
  case tq2_0 = 35
  /// s·e, with s an E4M3 without sign for each 16 of 64 elements, e an E2M1; a tensor beside it may multiply all.
  case nvfp4 = 40

  /// The number of elements in one block.
  var elementsPerBlock: Int { self == .nvfp4 ? 64 : 256 }

  /// The number of bytes in one block.
  var bytesPerBlock: Int {
    switch self {
    case .iq2_XXS: 66
    case .iq2_XS: 74
    case .iq3_XXS: 98
    case .iq1_S: 50
    case .iq3_S: 110
    case .iq2_S: 82
    case .iq1_M: 56
    case .tq1_0: 54
    case .tq2_0: 66
    case .nvfp4: 36
    }
  }

  /// The name that people use.
  var label: String { "\(self)".uppercased() }
}
