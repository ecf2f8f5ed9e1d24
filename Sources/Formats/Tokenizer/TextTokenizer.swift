/// A tokenizer in steps, as huggingface/tokenizers has them: tokens that are recognised as a whole are found first; the text between
/// them is normalized, cut into pieces, and each piece made tokens by a model.
package struct TextTokenizer: Tokenizer {
  /// The tokens before and behind every text, and whether a space is put before it.
  package struct Frame {
    package init() {}
    var prefix: [Int] = []
    var suffix: [Int] = []
    var addsSpace = false
  }

  /// The number of tokens.
  package var vocabularySize: Int { tokenBytes.count }
  /// The tokens after which a model has nothing more to say.
  package let endOfText: Set<Int>

  private let tokenBytes: [[UInt8]]
  private let whole: WholeTokens
  private let normalizer: Normalizer
  private let preTokenizer: PreTokenizer
  private let model: any PieceModel
  private let frame: Frame

  init(
    _ model: any PieceModel, tokenBytes: [[UInt8]], whole: WholeTokens, normalizer: Normalizer = Normalizer(),
    preTokenizer: PreTokenizer = PreTokenizer(), frame: Frame, endOfText: Set<Int> = []
  ) {
    self.model = model
    self.tokenBytes = tokenBytes
    self.whole = whole
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.frame = frame
    self.endOfText = endOfText
  }

  /// The byte-level tokenizer of `vocabulary`.
  package init(
    vocabulary: BPEVocabulary, preTokenizer: PreTokenizer, takesWholePieces: Bool, frame: Frame, endOfText: Set<Int>
  ) {
    let rules = BPEModel.Rules(wholePieces: takesWholePieces ? .all : .none)
    self.init(
      BPEModel(vocabulary, rules, isByteLevel: true), tokenBytes: vocabulary.tokenBytes,
      whole: WholeTokens(vocabulary.whole), preTokenizer: preTokenizer, frame: frame, endOfText: endOfText)
  }

  /// The tokenizer of SentencePiece's byte pairs: a space in front of each stretch of text where it `addsSpace`.
  package init(
    pieces vocabulary: BPEVocabulary, scores: [Float], addsSpace: Bool, frame: Frame, endOfText: Set<Int>
  ) {
    self.init(
      ScoredPieces(vocabulary, scores: scores), tokenBytes: vocabulary.tokenBytes, whole: WholeTokens(vocabulary.whole),
      normalizer: .marks(addsSpace: addsSpace), frame: frame, endOfText: endOfText)
  }

  /// The tokens of `text`.
  ///
  /// - Throws: `TokenizerError` when the vocabulary has no token for a part of the text, or cutting it takes too many steps.
  package func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] {
    let addsSpace = frame.addsSpace && text.utf8.first != UInt8(ascii: " ")
    let text = addsSpace ? " " + text : text
    var tokens = frame.prefix
    let early = Array(text.utf8)
    for part in whole.parts(of: early, .early, parseSpecial) {
      guard case .text(let range) = part else {
        tokens += part.token
        continue
      }
      let normalized = try normalizer.normalized(String(decoding: early[range], as: UTF8.self))
      let late = Array(normalized.utf8)
      for part in whole.parts(of: late, .late, parseSpecial) {
        guard case .text(let inner) = part else {
          tokens += part.token
          continue
        }
        let isFirst = range.lowerBound == 0 && inner.lowerBound == 0
        var pieces = TextPieces(String(decoding: late[inner], as: UTF8.self), isFirst: isFirst)
        let start = range.lowerBound + inner.lowerBound - (addsSpace ? 1 : 0)
        do {
          try append(&pieces, to: &tokens)
        } catch {
          throw error.moved(by: start)
        }
      }
    }
    return tokens + frame.suffix
  }

  private func append(_ pieces: inout TextPieces, to tokens: inout [Int]) throws(TokenizerError) {
    try preTokenizer.apply(to: &pieces)
    let scalars = pieces.text.scalars
    for range in pieces.ranges {
      do {
        tokens += try model.tokens(of: scalars[range])
      } catch {
        let before = scalars[..<range.lowerBound]
        let start = preTokenizer.isByteLevel ? before.count : before.reduce(0) { $0 + UTF8.width($1) }
        throw error.moved(by: start - pieces.added)
      }
    }
  }

  /// The bytes that `token` stands for: none for a token outside the vocabulary.
  package func bytes(of token: Int) -> [UInt8] { tokenBytes.indices.contains(token) ? tokenBytes[token] : [] }

  /// Whether `token` is a control token: one that steers the model and is no text.
  package func isSpecial(_ token: Int) -> Bool { whole.control.contains(token) }
}
