import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// Normalisations, activation functions and positions on exact inputs, against an independent program, identities and
/// rational numbers.
@Suite struct NormAndActivationTests {
  @Test func `RMS normalisation with 1 added to the weight`() throws {
    var input = TableInput(seed: 41)
    let x = try input.activation([2, 6])
    let layer = RMSNormLayer(weight: try weights("norm", [6], input.vector(6)), epsilon: 0.25, addsOne: true)
    expectAgreement(
      try Reference.rmsNorm(x, layer, precision: 200).elements, NormAndActivationTable.rmsNormPlusOne, bits: 196)
  }

  @Test func `Layer normalisation`() throws {
    var input = TableInput(seed: 42)
    let x = try input.activation([2, 6])
    let weight = try weights("norm", [6], input.vector(6, plus: 1))
    let layer = LayerNormLayer(weight: weight, bias: try weights("bias", [6], input.vector(6)), epsilon: 0.25)
    let y = try Reference.layerNorm(x, layer, precision: 200)
    #expect(y.shape == [2, 6])
    expectAgreement(y.elements, NormAndActivationTable.layerNorm, bits: 190)
  }

  @Test func `Layer normalisation of equal elements is the bias, and undefined without epsilon`() throws {
    let x = try exact([3, 3, 3], [1, 3])
    let (weight, bias) = (try weights("norm", [3], [1, 2, 3]), try weights("bias", [3], [5, -6, 7]))
    let y = try Reference.layerNorm(x, LayerNormLayer(weight: weight, bias: bias, epsilon: 1e-5), precision: 64)
    #expect(y.elements == [Ball(5), Ball(-6), Ball(7)])
    for epsilon: Float in [0, -1, .nan] {
      #expect(throws: EnclosureError.self) {
        try Reference.layerNorm(x, LayerNormLayer(weight: weight, epsilon: epsilon), precision: 64)
      }
    }
  }

  @Test func `Layer normalisation does not see a common shift`() throws {
    var input = TableInput(seed: 47)
    let values = input.vector(8)
    let layer = LayerNormLayer(weight: try weights("norm", [8], input.vector(8, plus: 1)), epsilon: 0.5)
    let y = try Reference.layerNorm(exact(values, [1, 8]), layer, precision: 128)
    let shifted = try Reference.layerNorm(exact(values.map { $0 + 1024 }, [1, 8]), layer, precision: 128)
    for (first, second) in zip(y.elements, shifted.elements) { #expect(first.overlaps(second)) }
  }

  @Test func `The logarithm of softmax`() throws {
    var input = TableInput(seed: 43)
    let y = try Reference.logSoftmax(input.activation([1, 7], times: 64), precision: 200)
    expectAgreement(y.elements, NormAndActivationTable.logSoftmax, bits: 190)
    #expect(try Reference.logSoftmax(exact([-3], [1, 1]), precision: 64).elements == [Ball(0)])
    #expect(try Reference.logSoftmax(exact([], [1, 0]), precision: 64).elements.isEmpty)
  }

  @Test func `The exponential of its logarithm is softmax`() throws {
    var input = TableInput(seed: 48)
    let x = try input.activation([2, 5], times: 8)
    let logarithms = try Reference.logSoftmax(x, precision: 128)
    for (logarithm, weight) in zip(logarithms.elements, try Reference.softmax(x, precision: 128).elements) {
      #expect(try Ball.exp(logarithm, precision: 128).overlaps(weight))
    }
  }

  @Test func `What the greatest element leaves to the others is not lost`() throws {
    // −log(1 + e^−200) lies within e^−400 of −e^−200.
    let y = try Reference.logSoftmax(exact([200, 0], [1, 2]), precision: 96)
    let power = try Ball.exp(Ball(-200), precision: 96)
    #expect((y.elements[0] + power).upper.magnitude <= power.upper.scaled(byPowerOfTwo: -90))
    #expect(y.elements[0].upper < 0)
  }

  @Test func `The Gaussian error linear unit`() throws {
    var input = TableInput(seed: 44)
    let y = Reference.gelu(try input.activation([12], times: 16), precision: 200)
    expectAgreement(y.elements, NormAndActivationTable.gelu, bits: 190)
    #expect(Reference.gelu(try exact([0], [1]), precision: 64).elements == [Ball(0)])
  }

  @Test func `The tanh form of the Gaussian error linear unit`() throws {
    var input = TableInput(seed: 45)
    let y = try Reference.geluTanh(input.activation([12], times: 8), precision: 200)
    expectAgreement(y.elements, NormAndActivationTable.geluTanh, bits: 190)
    #expect(try Reference.geluTanh(exact([0], [1]), precision: 64).elements == [Ball(0)])
  }

  @Test(arguments: [-30, -6, -1.5, -0.75, 0, 1.4, 2, 40] as [Float])
  func `Balls in enclose the values of all their points`(_ centre: Float) throws {
    let midpoint = try #require(Rational(exactly: centre))
    for radius: Rational in ["1/1000", "1/4", "3"] {
      let ball = Activation(shape: [1], elements: [Ball(midpoint: midpoint, radius: radius)])
      let wide = [Reference.gelu(ball, precision: 96), try Reference.geluTanh(ball, precision: 96)]
      for step: Rational in ["-1", "-1/3", "0", "1/2", "1"] {
        let point = Activation(shape: [1], elements: [Ball(midpoint + step * radius)])
        #expect(wide[0].elements[0].overlaps(Reference.gelu(point, precision: 96).elements[0]))
        #expect(wide[1].elements[0].overlaps(try Reference.geluTanh(point, precision: 96).elements[0]))
      }
    }
  }

  @Test func `The rectified linear unit`() throws {
    let y = Reference.relu(try exact([-0.5, 0, 0x1p-149, 3], [4]))
    #expect(y.elements == [Ball(0), Ball(0), Ball(Rational(significand: 1, exponent: -149)), Ball(3)])
    let straddling = Activation(shape: [1], elements: [Ball(midpoint: 1, radius: 2)])
    #expect(Reference.relu(straddling).elements == [Ball(lower: 0, upper: 3)])
  }

  @Test func `Learned positions are added from the first one on`() throws {
    var input = TableInput(seed: 49)
    let (x, values) = (input.vector(6), input.vector(12))
    let layer = LearnedPositionLayer(weight: try weights("positions", [4, 3], values))
    let y = try Reference.learnedPosition(exact(x, [2, 3]), layer, firstPosition: 1, precision: 64)
    let rows = try exact(Array(values[3..<9]), [2, 3])
    #expect(y == Reference.residualAdd(try exact(x, [2, 3]), rows, precision: 64))
    for position in [-1, 3] {
      #expect(throws: EnclosureError.self) {
        try Reference.learnedPosition(exact(x, [2, 3]), layer, firstPosition: position, precision: 64)
      }
    }
  }

  @Test func `Cosine similarity`() throws {
    var input = TableInput(seed: 46)
    let (x, y) = (try input.activation([2, 5]), try input.activation([3, 5]))
    let cosines = try Reference.cosineSimilarity(x, y, precision: 200)
    #expect(cosines.shape == [2, 3])
    expectAgreement(cosines.elements, NormAndActivationTable.cosineSimilarity, bits: 190)
    let odd = try Reference.cosineSimilarity(exact([3, 4], [1, 2]), exact([0, 0, -6, -8], [2, 2]), precision: 64)
    #expect(odd.elements[0] == Ball(0))
    #expect(odd.elements[1].contains(-1) && odd.elements[1].lower >= -1)
  }
}
