/// The tokens that are recognised in a text as a whole.
struct WholeTokens: Sendable {
  /// The text in which they are looked for: as it is, or as the normalizer leaves it.
  enum Stage { case early, late }

  /// The tokens that steer the model and are no text.
  let control: Set<Int>
  private var early = SpecialTokens()
  private var late = SpecialTokens()

  /// Makes the tables of `tokens`, of which those that are late are looked for as `normalized` leaves them.
  init<Fault>(_ tokens: [WholeToken], normalized: (String) throws(Fault) -> String) throws(Fault) {
    control = Set(tokens.lazy.filter(\.isControl).map(\.id))
    for token in tokens {
      if token.isLate {
        late.insert(try normalized(token.text).utf8, token)
      } else {
        early.insert(token.text.utf8, token)
      }
    }
  }

  /// Makes the tables of `tokens`, none of which is normalized.
  init(_ tokens: [WholeToken]) { self.init(tokens) { $0 } }

  /// The parts of `bytes`, which are as they are at `stage`; control tokens count only where `parseControl` says so.
  func parts(of bytes: [UInt8], _ stage: Stage, _ parseControl: Bool) -> [SpecialTokens.Part] {
    (stage == .early ? early : late).parts(of: bytes, parseControl: parseControl)
  }
}
