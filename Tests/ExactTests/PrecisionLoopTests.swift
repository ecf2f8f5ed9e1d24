import PlumbExact
import Testing

@Suite struct PrecisionLoopTests {
  @Test func `precision doubles until the question is decided`() throws {
    var tried: [Int] = []
    let answer = try PrecisionLoop.decide { precision throws(EnclosureError) in
      tried.append(precision)
      return precision < 300 ? nil : "decided"
    }
    #expect(answer == "decided" && tried == [64, 128, 256, 512])
  }

  @Test func `the greatest precision is tried, and then the loop gives up`() {
    var tried: [Int] = []
    #expect(throws: PrecisionExhausted(precision: 4096, reason: nil)) {
      let _: Int = try PrecisionLoop.decide { precision throws(EnclosureError) in
        tried.append(precision)
        return nil
      }
    }
    #expect(tried == [64, 128, 256, 512, 1024, 2048, 4096])
    tried = []
    #expect(throws: PrecisionExhausted(precision: 1000, reason: .divisorContainsZero)) {
      let _: Int = try PrecisionLoop.decide(from: 100, upTo: 1000) { precision throws(EnclosureError) in
        tried.append(precision)
        throw .divisorContainsZero
      }
    }
    #expect(tried == [100, 200, 400, 800, 1000])
  }

  /// An attempt that knows what it takes is heard, one that asks for less than it had is not believed, and the greatest is the last.
  @Test func `an attempt may say what is tried next`() {
    for (asked, expected) in [(700, [64, 700, 1000]), (-5, [64, 128, 200]), (9999, [64, 1000])] {
      var tried: [Int] = []
      #expect(throws: PrecisionExhausted(precision: expected[expected.count - 1], reason: nil)) {
        let _: Int = try PrecisionLoop.decide(from: 64, upTo: expected[expected.count - 1]) {
          precision, next throws(EnclosureError) in
          #expect(next == 2 * precision)
          next = asked
          tried.append(precision)
          return nil
        }
      }
      #expect(tried == expected)
    }
  }

  /// 1/3 is close to no float and close to no middle; a float's own value approached from outside never settles.
  @Test func `rounding is decided at the precision it needs`() throws {
    let offset = Rational.powerOfTwo(-700)
    let nearlyTie = "0x1.000001p0" + offset
    var last = 0
    let float = try PrecisionLoop.decide { precision throws(EnclosureError) in
      last = precision
      return Ball(nearlyTie).rounded(to: precision).rounded(to: Float.self, .toNearestOrEven)
    }
    #expect(float == Float(1).nextUp && last == 1024)
  }

  @Test func `the error says what to do`() {
    let error = PrecisionExhausted(precision: 64, reason: .argumentOutsideDomain(function: "log"))
    #expect(error.description.contains("64 bits") && error.description.contains("log"))
  }
}
