import PlumbBounds
import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Formulas of one's own: read, checked, computed exactly and bounded like the layers of the catalogue.
@Suite struct CustomFormulaTests {
  private static let fused = "x[rows,hidden],r[rows,hidden],w[hidden]:rms_norm(x+r,w,epsilon=1e-6)"

  /// The catalogue's layers and texts of the same functions, which share nothing with their formulas but +, ·, /, and functions.
  static let same: [(LayerKind, String, renamed: [String: String], attributes: [String: AttributeValue])] = [
    (.softmax, "x[rows,columns]:e=exp(x-max(x,columns));e/sum(e,columns)", [:], [:]),
    (.logSoftmax, "x[rows,columns]:s=x-max(x,columns);s-log(sum(exp(s),columns))", [:], [:]),
    (.logSoftmax, "x[rows,columns]:x-logsumexp(x,columns)", [:], [:]),
    (.silu, "x[rows,columns]:x*sigmoid(x)", [:], [:]),
    (
      .rmsNorm, "x[rows,hidden],weight[hidden]:x*rsqrt(mean(x*x,hidden)+9.5367431640625e-7)*weight", [:],
      ["epsilon": .real(0x1p-20)]
    ),
    (
      .layerNorm,
      "x[rows,hidden],weight[hidden],bias[hidden]:d=x-mean(x,hidden);"
        + "d/sqrt(mean(d*d,hidden)+9.5367431640625e-7)*weight+bias",
      [:], ["epsilon": .real(0x1p-20)]
    ),
    (.linear, "x[tokens,inputs],weight[outputs,inputs],bias[outputs]:dot(x,weight,inputs)+bias", [:], [:]),
    (.linear, "weight[outputs,inputs],x[tokens,inputs]:permute(dot(weight,x,inputs),tokens,outputs)", [:], [:]),
    (.gelu, "x[rows,columns]:0.5*x*(1+erf(x*0.70710678118654752440))", [:], [:]),
    (.residualAdd, "x[rows,columns],residual[rows,columns]:x--residual", [:], [:]),
  ]

  @Test(arguments: same.indices) func aTextOfALayerHasItsExactValues(_ index: Int) throws {
    let (layer, text, _, attributes) = Self.same[index]
    let formula = try Catalogue.layer(named: text)
    var met = 0
    for strategy in [Strategy.random, .exact, .illConditioned] {
      let generator = CaseGenerator(layer: formula, strategy: strategy, seed: 8, mayBeLong: false)
      for number in 0..<12 {
        let source = generator.makeCase(number)
        let own = try CheckedCase(source)
        let theirs = try CheckedCase(LayerCase(layer: layer, attributes: attributes, tensors: source.tensors))
        #expect(own.outputShape == theirs.outputShape)
        guard let ours = try? Catalogue.expectation(of: own, precision: 200),
          let known = try? Catalogue.expectation(of: theirs, precision: 200)
        else { continue }
        for place in known.exact.elements.indices where known.holdsValue?(place) ?? true {
          #expect(ours.exact.elements[place].overlaps(known.exact.elements[place]), "\(CaseLine(source).text) \(place)")
          met += 1
        }
      }
    }
    #expect(met > 100)
  }

  /// Float64 and one rounding lie within every arithmetic's bounds, as a kernel that is more accurate than it need be.
  @Test(arguments: ["f32", "tf32", "bf16", "f16"]) func ourOwnComputationIsWithin(_ name: String) throws {
    let model = try ArithmeticModel(parsing: name)
    for text in Self.same.map(\.1) + [Self.fused] {
      let formula = try Catalogue.layer(named: text)
      for strategy in Strategy.drawn {
        let generator = CaseGenerator(layer: formula, strategy: strategy, seed: 9, mayBeLong: false)
        for number in 0..<6 {
          let input = try CheckedCase(generator.makeCase(number).representable(in: model.inputs))
          #expect(Catalogue.judge(input, output: Catalogue.engine(input)).verdict != .outside, "\(input)")
          var output = Catalogue.engine(input)
          if model.storage != .float32 { output = output.kept(in: model.storage) }
          #expect(try Catalogue.judge(input, output: output, in: model).verdict != .outside, "\(input)")
        }
      }
    }
  }

  @Test func aCaseStandsInOneLine() throws {
    let generator = CaseGenerator(layer: try Catalogue.layer(named: Self.fused), strategy: .random, seed: 1)
    for number in 0..<10 {
      let source = generator.makeCase(number)
      #expect(try CaseLine.parse(CaseLine(source).text) == source)
    }
  }

  /// Spaces mean nothing, and rows that nothing couples are computed apart.
  @Test func rowsAreComputedApartWhereNothingCouplesThem() throws {
    func parts(_ text: String) throws -> Bool {
      let shape: [String: Int] = ["rows": 3, "hidden": 4]
      let generator = CaseGenerator(
        layer: try Catalogue.layer(named: text), strategy: .random, seed: 2, shape: shape)
      return try CheckedCase(generator.makeCase(0)).part([5])?.input.extents["rows"] == 1
    }
    #expect(try parts("x[rows, hidden] : softmax(x) * x"))
    #expect(try parts("x[rows,hidden],w[hidden]: rms_norm(x, w)"))
    #expect(try !parts("x[rows,hidden]: x / sum(x, rows)"))
    #expect(try !parts("x[rows,hidden]: softmax(permute(x, hidden, rows))"))
  }

  /// The greatest of numbers that were rounded was rounded, and a sum may be stored before its root is taken.
  @Test(arguments: [
    ("x[n],y[n]:max(x*y,n)+0*x", "f32", [0.1, 0.1] as [Float], 0.1 as Float * 0.1),
    ("x[n],y[n]:rsqrt(x*x+0.066416)-y", "bf16", [1, 0.96484375], 0),
    ("x[n],y[n]:rsqrt(x*x+1e-8)+y", "f16", [0, 0], .infinity),
  ])
  func aRoundedStepIsNoBug(text: String, arithmetic: String, inputs: [Float], output: Float) throws {
    let tensors = zip(["x", "y"], inputs).map { ($0, CaseTensor.real(Activation(shape: [1], elements: [$1]))) }
    let input = try CheckedCase(
      LayerCase(layer: try Catalogue.layer(named: text), tensors: Dictionary(uniqueKeysWithValues: tensors)))
    let drift = try Catalogue.judge(
      input, output: Activation(shape: [1], elements: [output]), in: try ArithmeticModel(parsing: arithmetic))
    #expect(drift.verdict != .outside)
  }

  /// The last step is rounded once: a bound of half an ulp of bfloat16, as of the layer of the catalogue.
  @Test func theLastStepIsRoundedOnce() throws {
    let own = try Catalogue.layer(named: "x[rows,columns],residual[rows,columns]:x+residual")
    for number in 0..<10 {
      let source = CaseGenerator(layer: own, strategy: .random, seed: 4).makeCase(number)
        .representable(in: ArithmeticModel.bf16.inputs)
      let bounds = try [own, .residualAdd].map { layer in
        let input = try CheckedCase(LayerCase(layer: layer, tensors: source.tensors))
        return try Catalogue.tracked(input, in: .bf16).elements.map(\.bound)
      }
      #expect(bounds[0] == bounds[1])
    }
  }

  static let refused: [(String, String)] = [
    ("x[rows]:", "expected a number, a name or '(', found the end"),
    ("x[rows]:y", "there is no 'y'; there are x"),
    ("x[rows]:x+", "found the end"),
    ("x[rows]:frob(x)", "there is no function 'frob'"),
    ("x[rows,rows]:x", "has the axis 'rows' twice"),
    ("x[rows],x[rows]:x", "'x' is declared twice"),
    ("x[rows]:x=x;x", "'x' is defined twice"),
    ("x[rows]:h=h+x;h", "there is no 'h'"),
    ("x[rows]:sum(x,columns)", "goes along 'columns'"),
    ("x[rows]:sum(x)", "needs the names of axes"),
    ("x[rows]:sum(x,rows)", "the result has no axis"),
    ("x[rows]:permute(x,columns)", "permute has [columns]"),
    ("x[rows],y[columns]:dot(x,y,rows)", "goes along 'rows'"),
    ("x[rows,hidden],w[rows]:rms_norm(x,w)", "'hidden' of 'weight'"),
    ("x[rows,hidden]:rms_norm(x)", "rms-norm lacks 'weight'"),
    ("x[rows,hidden],w[hidden]:rms_norm(x,w,w)", "takes no tensor '3'"),
    ("x[rows,hidden],w[hidden]:rms_norm(x,w,weight=w)", "has 'weight' twice"),
    ("x[rows,hidden],w[hidden]:rms_norm(x,w,epsilon=yes)", "attribute 'epsilon' is 'yes'"),
    ("x[rows,hidden],w[hidden]:rms_norm(x,w,gamma=1)", "has no attribute 'gamma'"),
    ("x[rows,hidden]:embedding(x,x)", "is no part of a formula"),
    ("x[n,d]:linear(x,x)", "would have a result with the axes [n,n]"),
    ("x[b,t,h,s]:rotary_embedding(x)", "rotary-embedding takes 'x'"),
    ("q[t,h,s],k[p,g,s]:attention_scores(q,k)", "scores that a mask hides"),
    ("x[rows]:x*1e999", "in the range of Float64"),
    ("x[rows]:x&x", "'&' is no part of a formula"),
    ("x[rows]:(x", "expected ')'"),
    ("x[rows]:x x", "expected an operator"),
    ("x[rows]:" + String(repeating: "(", count: 5_000), "too much in one part"),
    ("x[rows]:" + String(repeating: "-", count: 5_000) + "x", "too much in one part"),
    ("x[rows]:x" + String(repeating: "+x", count: 300), "too much in one part"),
    ("x[rows]:" + String(repeating: "x+", count: 5_000), "are too many"),
  ]

  @Test(arguments: refused.indices) func badTextSaysWhatIsWrong(_ index: Int) {
    let (text, problem) = Self.refused[index]
    let error = #expect(throws: LayerNameError.self) { try Catalogue.layer(named: text) }
    #expect(error?.description.contains(problem) ?? false, "\(error?.description ?? "")")
  }

  @Test func aCaseThatNoLayerTakesIsRefused() throws {
    let formula = try Catalogue.layer(named: "x[tokens,heads,size]:rotary_embedding(x)")
    let x = CaseTensor.real(Activation(shape: [1, 1, 3], elements: [1, 2, 3]))
    #expect(throws: CaseError.self) { try CheckedCase(LayerCase(layer: formula, tensors: ["x": x])) }
    let outer = try Catalogue.layer(named: "x[n],y[m]:sum(x*y,n)")
    let long = CaseTensor.real(Activation(shape: [5_000], elements: [Float](repeating: 1, count: 5_000)))
    let error = #expect(throws: CaseError.self) {
      try CheckedCase(LayerCase(layer: outer, tensors: ["x": long, "y": long]))
    }
    #expect(error?.problem.contains("too large") ?? false)
  }

  /// No bound is proved of a part that the arithmetic does not cover.
  @Test func aPartThatAnArithmeticDoesNotCoverIsNamed() throws {
    let formula = try Catalogue.layer(named: "x[rows,size],y[others,size]:cosine_similarity(x,y)*2")
    let part = Catalogue.missingPart(of: formula, in: try ArithmeticModel(parsing: "bf16,unit=h100"))
    #expect(part?.contains("cosine-similarity") ?? false)
  }
}
