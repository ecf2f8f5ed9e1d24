import PlumbExact
import Testing

/// Answers that other programs computed; each table says which.
@Suite struct TableTests {
  private func fields(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  @Test func `arithmetic agrees with Python's fractions`() throws {
    for line in fractionTable {
      let texts = fields(line)
      let values = try texts.dropLast().map { try #require(Rational($0)) }
      let (a, b) = (values[0], values[1])
      #expect((a + b).description == texts[2])
      #expect((a - b).description == texts[3])
      #expect((a * b).description == texts[4])
      #expect((a / b).description == texts[5])
      #expect((a < b ? "<" : ">=") == texts[6])
    }
  }

  @Test func `rounding to floats agrees with MPFR`() throws {
    for line in floatRoundingTable {
      let texts = fields(line)
      let value = try #require(Rational(texts[1])).scaled(byPowerOfTwo: try #require(Int(texts[2])))
      let rules: [FloatingPointRoundingRule] = [.toNearestOrEven, .up, .down, .towardZero]
      for (rule, expected) in zip(rules, texts[3...]) {
        let pattern =
          switch texts[0] {
          case "Float16": hexadecimal(value.rounded(to: Float16.self, rule).bitPattern)
          case "Float": hexadecimal(value.rounded(to: Float.self, rule).bitPattern)
          default: hexadecimal(value.rounded(to: Double.self, rule).bitPattern)
          }
        #expect(pattern == expected, "\(line) \(rule)")
      }
    }
  }

  private func hexadecimal<Pattern: FixedWidthInteger>(_ pattern: Pattern) -> String {
    let digits = String(pattern, radix: 16)
    return String(repeating: "0", count: Pattern.bitWidth / 4 - digits.count) + digits
  }

  @Test func `decimal digits agree with Python's decimal`() throws {
    let rules: [String: FloatingPointRoundingRule] = [
      "even": .toNearestOrEven, "up": .up, "down": .down, "zero": .towardZero, "away": .awayFromZero,
    ]
    for line in decimalTable {
      let texts = fields(line)
      let value = try #require(Rational(texts[0])).scaled(byPowerOfTwo: try #require(Int(texts[1])))
      let digits = try #require(Int(texts[2]))
      let text = value.decimal(significantDigits: digits, try #require(rules[texts[3]]))
      #expect(Rational(text) == Rational(texts[4]), "\(line): \(text)")
      let mantissa = text.prefix { $0 != "e" }.filter { $0 != "." && $0 != "-" }
      #expect(mantissa.drop { $0 == "0" }.count == digits, "\(line): \(text)")
    }
  }

  @Test func `parsing agrees with Python`() {
    for line in parsingTable {
      let texts = fields(line)
      #expect(Rational(texts[0])?.description == texts[1], "\(line)")
    }
  }

  @Test func `hexadecimal printing agrees with Python`() throws {
    for line in hexadecimalTable {
      let texts = fields(line)
      let double = Double(bitPattern: try #require(UInt64(texts[0], radix: 16)))
      #expect(Rational(exactly: double)?.hexadecimal == texts[1])
    }
  }
}
