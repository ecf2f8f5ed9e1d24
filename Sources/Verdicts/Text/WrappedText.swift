/// Sentences in lines of at most 80 columns, but for a word that is longer.
package enum WrappedText {
  /// The words of `text` in lines: the first begins with `lead`, each other one with `indent` spaces.
  ///
  /// Without an indent the others are as far in as the first; without a lead the first is as far in as the others.
  package static func lines(_ text: String, lead: String? = nil, indent: Int? = nil) -> [String] {
    let margin = String(repeating: " ", count: indent ?? lead?.count ?? 0)
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < 80 {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append((lines.isEmpty ? lead ?? margin : margin) + word)
      }
    }
    return lines
  }
}
