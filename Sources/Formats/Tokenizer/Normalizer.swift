// Foundation for the compatibility forms: the standard library has the canonical ones alone.
import Foundation

/// The changes to a text before it is cut into pieces, one after another.
struct Normalizer: Sendable {
  /// One change.
  enum Step: Sendable {
    /// Unicode's normal forms.
    case composed, decomposed, compatible, compatibleDecomposed
    /// Each letter as a small one.
    case lowercase
    /// Without marks: combining characters of any kind.
    case stripAccents
    /// Without white space at the sides.
    case strip(left: Bool, right: Bool)
    /// Each match of the expression replaced.
    case replace(RegularExpression, with: String)
    /// This text in front, unless there is nothing.
    case prepend(String)
    /// BERT's.
    case bert(BertNormalizer)
    /// SentencePiece's map of characters, as huggingface/tokenizers applies it, or by runs of bytes as SentencePiece does.
    case map(CharacterMap, byRuns: Bool = false)
  }

  var steps: [Step] = []

  /// The normalizer of SentencePiece's byte-pair models: U+2581 for each space, and one in front where `addsSpace`.
  static func marks(addsSpace: Bool) -> Normalizer {
    let mark = String(BPEVocabulary.mark)
    let replace = Step.replace(RegularExpression(literal: " "), with: mark)
    return Normalizer(steps: addsSpace ? [.prepend(mark), replace] : [replace])
  }

  private static let marks = ScalarCategory.bits(named: "M")

  /// Whether it puts something in front of a text.
  var addsPrefix: Bool { steps.contains { if case .prepend = $0 { true } else { false } } }

  /// The `text`, changed.
  ///
  /// - Throws: `TokenizerError` where an expression takes too many steps, or the text grows too long.
  func normalized(_ text: String) throws(TokenizerError) -> String {
    // A change may make a text longer, and many of them one that no memory holds.
    let most = 64 * text.utf8.count + (1 << 20)
    var text = text
    for step in steps {
      text = try Self.apply(step, to: text, atMost: most)
      guard text.utf8.count <= most else { throw .growsTooLong(bytes: most) }
    }
    return text
  }

  private static func apply(_ step: Step, to text: String, atMost most: Int) throws(TokenizerError) -> String {
    switch step {
    case .composed: return text.composed
    case .decomposed: return text.decomposed
    case .compatible: return text.compatiblyDecomposed.composed
    case .compatibleDecomposed: return text.compatiblyDecomposed
    case .lowercase: return BertNormalizer.lowercased(text)
    case .stripAccents:
      let kept = text.unicodeScalars.filter { marks >> UInt32(ScalarCategory.number(of: $0)) & 1 == 0 }
      return String(String.UnicodeScalarView(kept))
    case .strip(let left, let right):
      var scalars = text.unicodeScalars[...]
      if left { scalars = scalars.drop(while: \.properties.isWhitespace) }
      while right, scalars.last?.properties.isWhitespace ?? false { scalars.removeLast() }
      return String(scalars)
    case .replace(let expression, let replacement):
      let scalars = ScalarText(text)
      let whole = 0..<scalars.scalars.count
      var result = String.UnicodeScalarView()
      var (place, added, steps) = (0, 0, scalars.greatestSteps)
      for match in try scalars.matches(of: expression, in: whole, steps: &steps) {
        result.append(contentsOf: scalars.scalars[place..<match.lowerBound])
        result.append(contentsOf: replacement.unicodeScalars)
        added += replacement.utf8.count
        guard added <= most else { throw .growsTooLong(bytes: most) }
        place = match.upperBound
      }
      result.append(contentsOf: scalars.scalars[place...])
      return String(result)
    case .prepend(let prefix): return text.isEmpty ? text : prefix + text
    case .bert(let normalizer): return normalizer.normalized(text)
    case .map(let map, let byRuns): return byRuns ? map.mappedByRuns(text) : map.mapped(text)
    }
  }
}
