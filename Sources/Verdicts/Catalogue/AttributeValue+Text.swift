extension AttributeValue {
  /// The value that `text` writes, of the kind of `example`; `nil` where it writes none.
  ///
  /// A number may be decimal or a hex float; it is the Float32 nearest to it.
  package init?(_ text: some StringProtocol, like example: AttributeValue) {
    let text = String(text)
    switch example {
    case .flag:
      guard let flag = Bool(text) else { return nil }
      self = .flag(flag)
    case .integer:
      guard let integer = Int(text) else { return nil }
      self = .integer(integer)
    case .real:
      guard let real = Float(text) else { return nil }
      self = .real(real)
    case .word: self = .word(text)
    }
  }

  /// The value in words that every language reads; `init(_:like:)` reads it back.
  ///
  /// A Float32 is written with the digits of the same number in Float64, so that whoever reads it in either format has
  /// exactly that number.
  package var text: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .real(let real): "\(Double(real))"
    case .word(let word): word
    }
  }
}
