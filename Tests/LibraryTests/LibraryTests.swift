import Foundation
import Plumbline
import Testing

/// The library's face: what it says of layers, cases, exact values and errors.
@Suite struct LibraryTests {
  /// Names in Swift are those of the command, whose words begin with capitals instead of hyphens.
  @Test func everyLayerOfTheCatalogueHasItsName() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Plumbline/Layer+Names.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    for layer in Layer.all {
      let words = layer.description.split(separator: "-")
      let name = ([String(words[0])] + words.dropFirst().map { String($0).capitalized }).joined()
        .replacing("Gelu", with: "GELU")
      #expect(text.contains("  /// The layer `\(layer)`.\n"), "\(layer) is missing")
      #expect(
        text.lowercased().contains("public static let \(name) = layer(layerkind.\(name))".lowercased()), "\(name)")
      #expect(try Layer(layer.description) == layer)
    }
    #expect(text.split(separator: "\n").count { $0.contains("public static let") } == Layer.all.count)
  }

  @Test func aCaseIsItsLine() throws {
    for input in try Case.drawn(of: .rmsNorm, count: 20, arithmetic: .bf16) {
      let again = try Case("\(input)")
      #expect("\(again)" == "\(input)")
      #expect(again.layer == .rmsNorm)
      #expect(try again.tensor("x") == input.tensor("x"))
      #expect(try again.tensor("x").elements.allSatisfy { $0.bitPattern & 0xFFFF == 0 || $0.isNaN })
    }
  }

  /// Softmax of two equal numbers is ½ twice, and every step of it representable; of an element that a power of two exceeds by 127, e^−127/(1 + e^−127) by mpmath.
  @Test func exactValuesAreEnclosed() throws {
    let input = try Case(.softmax, tensors: ["x": Tensor(shape: [2, 2], elements: [3, 3, 0, 127])])
    let values = try input.exactValues()
    #expect(values.prefix(2).allSatisfy { $0.nearest == 0.5 && $0.lower <= 0.5 && 0.5 <= $0.upper && $0.bound == 0 })
    #expect(values[2].lower <= 6.9919899966459171e-56 && 6.991989996645917e-56 <= values[2].upper)
    #expect(values[3].nearest == 1)
    #expect(input.outputShape == [2, 2])
  }

  @Test func attributesAreGivenAsTheCommandTakesThem() throws {
    let x = Tensor(shape: [1, 2], elements: [3, 4])
    let ones = Tensor(shape: [2], elements: [1, 1])
    // (9 + 16)/2 + 5.5 = 18, and 3/√18 = 0.7071067811865475…
    let input = try Case(.rmsNorm, tensors: ["x": x, "weight": ones], attributes: ["epsilon": "5.5"])
    let values = try input.exactValues(arithmetic: .f16)
    #expect(values[0].nearest == 0.70710678 && values[0].lower <= 0.70710678118654753)
    #expect(input.attribute("epsilon") == "5.5" || Float(input.attribute("epsilon") ?? "") == 5.5)
    #expect(input.attribute("colour") == nil)
  }

  /// A row of indices for each token: the second expert gives 3 · ReLU(1 · 2) · (1 · 2) = 12, which is weighted by ½.
  @Test func indicesHaveTheirExtents() throws {
    func ones(_ numbers: [Float]) -> Tensor { Tensor(shape: [numbers.count, 1, 1], elements: numbers) }
    let input = try Case(
      .experts,
      tensors: [
        "x": Tensor(shape: [1, 1], elements: [2]), "weights": Tensor(shape: [1, 1], elements: [0.5]),
        "gate": ones([5, 1]), "up": ones([5, 1]), "down": ones([5, 3]),
      ], indices: ["choice": Indices(shape: [1, 1], elements: [1])], attributes: ["activation": "relu"])
    #expect(try input.indices("choice") == Indices(shape: [1, 1], elements: [1]))
    #expect(try input.exactValues().map(\.nearest) == [6])
    let tokens = try Case(
      .embedding, tensors: ["weight": Tensor(shape: [2, 1], elements: [1, 2])], indices: ["tokens": [1, 0]])
    #expect(try tokens.exactValues().map(\.nearest) == [2, 1])
  }

  @Test func anOutputIsJudged() throws {
    let input = try Case(
      .residualAdd,
      tensors: [
        "x": Tensor(shape: [1, 2], elements: [1, 2]), "residual": Tensor(shape: [1, 2], elements: [3, 4]),
      ])
    let right = try input.judge(Tensor(shape: [1, 2], elements: [4, 6]))
    #expect(right.verdict == .within && right.worstDistance == 0 && right.worstUlps == 0 && right.outsideDomain == 0)
    let wrong = try input.judge(Tensor(shape: [1, 2], elements: [4, 7]))
    #expect(wrong.verdict == .outside && wrong.margin > 1 && wrong.worstIndex == [0, 1] && wrong.worstDistance == 1)
    #expect(wrong.description.contains("element [0, 1] is wrong"))
    // Another shape, and elements that do not fill theirs.
    #expect(try input.judge(Tensor(shape: [2, 1], elements: [4, 6])).verdict == .outside)
    #expect(try input.judge(Tensor(shape: [1, 2], elements: [4])).verdict == .outside)
    #expect(try input.judge(Tensor(shape: [-1, -2], elements: [4, 6])).verdict == .outside)
    #expect(try input.judge(Tensor(shape: [.max, 2], elements: [4, 6])).verdict == .outside)
    // One axis alone, whose extent is that of the elements.
    let gradient = try Case(.biasBackward, tensors: ["gradient": Tensor(shape: [1, 2], elements: [4, 6])])
    #expect(try gradient.judge(Tensor(shape: [2], elements: [4, 6])).verdict == .within)
    #expect(try gradient.judge(Tensor(shape: [3, 3], elements: [4, 6])).verdict == .outside)
  }

  /// Every error has a code and a remedy.
  @Test func errorsSayWhatIsWrongAndWhatToDo() throws {
    let x = Tensor(shape: [1, 2], elements: [1, 2])
    let failing: [(PlumblineError.Code, names: String, () throws -> Void)] = [
      (.badInput, "softmix", { _ = try Layer("softmix") }),
      (.badInput, "rms_norn", { _ = try Layer("x[rows,hidden]: rms_norn(x)") }),
      (.badInput, "f33", { _ = try Arithmetic("f33") }),
      (.badInput, "column", { _ = try Case("softmax x=[1x2]:0x1p+0") }),
      (.badInput, "'x'", { _ = try Case(.softmax, tensors: [:]) }),
      (.badInput, "'y'", { _ = try Case(.softmax, tensors: ["x": x]).tensor("y") }),
      (.badInput, "'ids'", { _ = try Case(.softmax, tensors: ["x": x]).indices("ids") }),
      (.badInput, "colour", { _ = try Case(.softmax, tensors: ["x": x], attributes: ["colour": "red"]) }),
      (.badInput, "-1 cases", { _ = try Case.drawn(of: .softmax, count: -1) }),
      (.badInput, "do not fill", { _ = try Case(.softmax, tensors: ["x": Tensor(shape: [.max, 2], elements: [1])]) }),
      (.badFile, "missing.gguf", { _ = try Model(contentsOf: "missing.gguf") }),
      (.badFile, "missing.safetensors", { _ = try Model.shipped.grade(dump: "missing.safetensors", tokens: [1]) }),
      (.badInput, "-1", { _ = try Model.shipped.grade(dump: "missing.safetensors", tokens: [-1]) }),
    ]
    for (code, name, body) in failing {
      let error = try #require(throws: PlumblineError.self) { try body() }
      #expect(error.code == code && error.problem.contains(name), "\(error)")
      #expect(!error.remedy.isEmpty && !error.problem.contains(error.remedy), "\(error)")
    }
  }
}
