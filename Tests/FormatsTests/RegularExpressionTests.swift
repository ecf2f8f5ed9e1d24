import Testing

@testable import PlumbFormats

@Suite struct RegularExpressionTests {
  private static func matches(_ pattern: String, _ text: String) throws -> [String] {
    let (expression, scalars) = (try RegularExpression(pattern), ScalarText(text))
    var steps = scalars.greatestSteps
    return try scalars.matches(of: expression, in: 0..<scalars.scalars.count, steps: &steps).map(scalars.string)
  }

  /// The matches of Oniguruma, by the `tokenizers` library.
  @Test(arguments: [
    (#"\p{N}{1,3}+"#, "1234567", ["1234567"]), ("a{2}+", "aaaaa", ["aaaa"]),
    ("(?i:[a-z])", "\u{212a}\u{17f}K", ["\u{212a}", "\u{17f}", "K"]),
    ("(?i:[^k])", "\u{212a}Kkx", ["x"]), ("a(?i)b|c", "aBaC", ["aB", "C"]), ("(?:(?i)a|b)c", "AcBc", ["Ac", "Bc"]),
    ("xx*", "axxb", ["xx"]),
    (#"\w"#, "\u{b2}\u{24b6}.", ["\u{b2}", "\u{24b6}"]), (#"[\w]"#, "\u{b2}\u{24b6}.", ["\u{24b6}"]),
    ("a++a|b", "aab", ["b"]),
    ("(?>a|ab)c|b", "abc", ["b"]), ("a.c", "abc\na\nc", ["abc"]), ("^b|a$", "ab\nba\n", ["b", "a"]),
    (#"\s+(?!\S)"#, "a   b", ["  "]),
    ("a(?=b)", "acab", ["a"]), ("a{,2}b", "aaab", ["aab"]), ("a{x", "a{x", ["a{x"]), (#"\x{41}\u0042"#, "AB", ["AB"]),
    ("a*?b", "aab", ["aab"]),
    (#"[a\-z]+"#, "a-zb", ["a-z"]), ("[]a]+", "a]b", ["a]"]), (#"\P{L}+"#, "a12b", ["12"]),
    (#"\p{^L}+"#, "a12b", ["12"]),
  ]) func finds(_ pattern: String, _ text: String, _ expected: [String]) throws {
    let found = try Self.matches(pattern, text).map { Array($0.unicodeScalars) }
    #expect(found == expected.map { Array($0.unicodeScalars) }, "\(pattern)")
  }

  @Test(arguments: [
    "(", ")", "[a", "a)", "*", "a**b(", #"\"#, "(?<=a)", "(?P<n>a)", "[b-a]", #"\p{Klingon}"#, #"\p{L"#, "a{2000}",
    "a{3,2}", "(a*)*", "(?=a)+", #"\q"#,
    "(((){1024}){1024}){1024}", "(a?){3}", String(repeating: "[", count: 100_000), "[[:alpha:]]", #"\x{110000}"#,
    String(repeating: "(", count: 100), String(repeating: "(a{1000}){1000}", count: 20),
  ]) func isRefused(_ pattern: String) {
    #expect(throws: RegularExpressionParser.Fault.self) { try RegularExpression(pattern) }
  }

  /// Every expression by name is one, and none of them takes the square of a long run of anything.
  @Test(.timeLimit(.minutes(5))) func allNamesAreKnownAndLinear() throws {
    let runs = ["a", "A", " ", "\n", "1", "!", "\u{4e00}", "\u{301}", "\u{1f600}", "aB", " a", "'s"]
    for name in PreTokenizer.names {
      let named = try #require(PreTokenizer.named(name))
      for pattern in named.patterns { #expect(throws: Never.self, "\(name)") { try RegularExpression(pattern) } }
      // Expressions that group digits from the right look at all that follow.
      let isQuadratic = ["tiny_aya", "cohere2moe", "superbpe"].contains(name)
      for run in runs where !(isQuadratic && run == "1") {
        var pieces = TextPieces(String(repeating: run, count: 1000) + "x", isFirst: true)
        #expect(throws: Never.self, "\(name) '\(run)'") { try named.preTokenizer.apply(to: &pieces) }
      }
    }
  }

  /// Brackets within brackets take no power of their depth, whatever the case.
  @Test(.timeLimit(.minutes(5))) func bracketsMayBeNested() throws {
    let pattern = "(?i:" + String(repeating: "[", count: 60) + "k" + String(repeating: "]", count: 60) + ")"
    #expect(try Self.matches(pattern, "aK\u{212a}k").count == 3)
    #expect(try Self.matches(#"(?i:[a-z&&[^k]])"#, "aKb") == ["a", "b"])
  }

  /// A match that would take forever is an error that names the expression.
  @Test(.timeLimit(.minutes(2))) func stepsAreCounted() throws {
    let error = #expect(throws: TokenizerError.self) {
      try Self.matches("(?:a+)+$", String(repeating: "a", count: 60) + "b")
    }
    #expect(error == .tooManySteps(pattern: "(?:a+)+$"))
    #expect(try Self.matches("(?:a+)+$", String(repeating: "a", count: 60)).count == 1)
  }
}
