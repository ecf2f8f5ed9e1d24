import PlumbExact
import PlumbModel
import Testing

@Suite struct IntegerTests {
  @Test func `ring laws hold at every size`() {
    var randomness = SplitMix64(seed: 1)
    for _ in 0..<400 {
      let a = randomness.integer(maximumBits: 300)
      let b = randomness.integer(maximumBits: 300)
      let c = randomness.integer(maximumBits: 300)
      #expect(a + b == b + a)
      #expect((a + b) + c == a + (b + c))
      #expect(a * b == b * a)
      #expect((a * b) * c == a * (b * c))
      #expect(a * (b + c) == a * b + a * c)
      #expect(a - b == -(b - a))
      #expect(a + -a == 0)
      #expect(a * 1 == a)
      #expect(a.magnitude * a.magnitude == a * a)
      #expect(a.hashValue == ((a + b) - b).hashValue)
    }
  }

  @Test func `in-place operators agree with the others and leave copies alone`() {
    var randomness = SplitMix64(seed: 2)
    for _ in 0..<400 {
      let a = randomness.integer(maximumBits: 200)
      let b = randomness.integer(maximumBits: 200)
      let small = Int(truncatingIfNeeded: randomness.next())
      let count = Int.random(in: -70...70, using: &randomness)
      let text = a.description
      var copy = a
      copy += b
      #expect(copy == a + b)
      copy -= b
      #expect(copy == a)
      copy *= b
      #expect(copy == a * b)
      copy = a
      copy <<= count
      #expect(copy == a << count)
      copy = a
      copy >>= count
      #expect(copy == a >> count)
      copy = a
      copy.addProduct(a, b)
      #expect(copy == a + a * b)
      copy.subtractProduct(copy, b)
      #expect(copy == (a + a * b) * (1 - b))
      copy = a
      copy.addProduct(b, small)
      #expect(copy == a + b * Integer(small))
      copy.subtractProduct(b, small)
      #expect(copy == a)
      copy += copy
      #expect(copy == a * 2)
      #expect(a * small == a * Integer(small))
      #expect(a.description == text)
    }
    var extreme: Integer = 5
    extreme.addProduct(1, Int.min)
    #expect(extreme == Integer(5) + Integer(Int.min))
    extreme.subtractProduct(1, Int.min)
    #expect(extreme == 5)
  }

  @Test func `division rounds as its name says`() {
    var randomness = SplitMix64(seed: 3)
    for _ in 0..<400 {
      let a = randomness.integer(maximumBits: 300)
      let b = randomness.integer(maximumBits: 150)
      if b.isZero { continue }
      let floor = a.dividedFloor(by: b)
      let floorRest = a - floor * b
      #expect(floorRest.isZero || floorRest.signum() == b.signum())
      #expect(floorRest.magnitude < b.magnitude)
      #expect(a.dividedCeiling(by: b) == (floorRest.isZero ? floor : floor + 1))
      let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
      #expect(quotient * b + remainder == a)
      #expect(remainder.isZero || remainder.signum() == a.signum())
      #expect(remainder.magnitude < b.magnitude)
      #expect((a * b).dividedExactly(by: b) == a)
      let root = a.magnitude.squareRoot()
      #expect(root * root <= a.magnitude && a.magnitude < (root + 1) * (root + 1))
    }
  }

  @Test func `shifts multiply and divide by powers of two`() {
    var randomness = SplitMix64(seed: 4)
    for _ in 0..<400 {
      let a = randomness.integer(maximumBits: 300)
      let count = Int.random(in: 0...200, using: &randomness)
      let power = Integer(2).power(count)
      #expect(a << count == a * power)
      #expect(a >> count == a.dividedFloor(by: power))
      #expect(a.shiftedRightCeiling(by: count) == a.dividedCeiling(by: power))
      #expect(a.testBit(count) == !((a >> count) - ((a >> (count + 1)) * 2)).isZero)
      if !a.isZero {
        #expect(Integer(2).power(a.bitWidth - 1) <= a.magnitude && a.magnitude < Integer(2).power(a.bitWidth))
        #expect((a >> a.trailingZeroBitCount).isOdd && (a >> a.trailingZeroBitCount) << a.trailingZeroBitCount == a)
      }
    }
    #expect(Integer(0).bitWidth == 0 && Integer(0).trailingZeroBitCount == 0)
  }

  @Test func `powers and divisors`() {
    #expect(Integer(0).power(0) == 1)
    #expect(Integer(-3).power(5) == -243)
    #expect(Integer.gcd(-12, 18) == 6)
    #expect(Integer.gcd(0, 0) == 0)
    #expect(Integer.gcd(0, -7) == 7)
  }

  @Test func `conversions keep the value`() {
    #expect(Integer(UInt64.max).description == "18446744073709551615")
    #expect(Integer(Int.min).description == "-9223372036854775808")
    #expect(Integer(Int.min).asInt() == Int.min)
    #expect(Integer(Int.max).asInt() == Int.max)
    #expect((Integer(Int.max) + 1).asInt() == nil)
    #expect((Integer(Int.min) - 1).asInt() == nil)
    #expect(Integer(UInt8(200)).description == "200")
    #expect(Integer(Int128.min).description == "-170141183460469231731687303715884105728")
    let literal: Integer = 340_282_366_920_938_463_463_374_607_431_768_211_456
    #expect(literal == Integer(1) << 128)
    let negative: Integer = -340_282_366_920_938_463_463_374_607_431_768_211_457
    #expect(negative == -(Integer(1) << 128) - 1)
    let edge: Integer = -9_223_372_036_854_775_809
    #expect(edge == Integer(Int.min) - 1)
  }

  @Test func `text round-trips in every radix`() {
    var randomness = SplitMix64(seed: 5)
    for radix in 2...36 {
      for _ in 0..<10 {
        let a = randomness.integer(maximumBits: 300)
        #expect(Integer(a.description(radix: radix), radix: radix) == a)
        #expect(Integer(a.description(radix: radix).uppercased(), radix: radix) == a)
      }
    }
    #expect(Integer("+17") == 17)
    #expect(Integer("-ff", radix: 16) == -255)
    for text in ["", "-", "+", " 1", "1 ", "1 2", "--1", "+-1", "0x10", "12a", "1_000", "1\u{0}2", "१"] {
      #expect(Integer(text) == nil, "\(text)")
    }
    #expect(Integer("2", radix: 2) == nil)
  }

  /// Factorials and Fibonacci numbers, whose digits are published (OEIS A000142, A000045).
  @Test func `published values`() {
    let factorial = (1...30).reduce(Integer(1)) { $0 * $1 }
    #expect(factorial.description == "265252859812191058636308480000000")
    var (previous, current): (Integer, Integer) = (0, 1)
    for _ in 1..<100 { (previous, current) = (current, previous + current) }
    #expect(current.description == "354224848179261915075")
  }

  /// The same steps in Python, whose integers are its own, gave these values after each hundred.
  @Test func `a walk through all operations ends where Python's does`() {
    let expected = [
      "155264574793607610525770032188886288122",
      "49411918481983163851205912201006663507",
      "105638617610937151853361492058232149540",
      "45106821208155619004869273667829361054",
    ]
    let modulus = (Integer(1) << 127) - 1
    var hash: Integer = 0
    var a: Integer = 1
    for step in 1...400 {
      let i = Integer(step)
      a = a * a + i
      if a.bitWidth > 2000 { a >>= a.bitWidth - 900 }
      let b = (-(a + hash)).dividedFloor(by: a.squareRoot() + i)
      let (quotient, remainder) = b.quotientAndRemainder(dividingBy: i * i + 1)
      hash = hash * 31 + b + (b * 7).dividedCeiling(by: i) - quotient + remainder * 3
      hash += Integer.gcd(a, i * 720720) + (b >> 7) + (a << (step % 70))
      // The lowest bit that is set and those below it: what a ^ (a − 1) has.
      hash.subtractProduct(Integer(a.bitWidth), a.trailingZeroBitCount + 1)
      hash -= hash.dividedFloor(by: modulus) * modulus
      if step.isMultiple(of: 100) { #expect(hash.description == expected[step / 100 - 1]) }
    }
  }

  /// Under the thread sanitizer this also shows that a shared storage is never written.
  @Test func `copies change on several threads without touching one another`() async {
    let shared = Integer(3).power(200)
    let results = await withTaskGroup(of: Integer.self) { group in
      for task in 0..<8 {
        group.addTask {
          var own = shared
          for step in 1...50 { own.addProduct(shared, task * step) }
          return own
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let expected = (0..<8).map { task in shared * (1 + task * 1275) }
    #expect(results.sorted() == expected)
    #expect(shared == Integer(3).power(200))
  }
}
