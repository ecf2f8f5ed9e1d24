import CPlumbline
import DocumentedJSON
import Foundation
import PlumbCInterface
import Synchronization
import Testing

/// Verdicts through the C interface, on products whose values everybody knows.
@Suite struct JudgeTests {
  private let x = tensor("x", [3, 0.5, -2, 1] as [Float], [2, 2])
  private let gate = tensor("gate", [5, 8, 0.25, 3] as [Float], [2, 2])
  private let products: [Float] = [15, 4, -0.5, 3]

  @Test func whatIsExactIsWithin() {
    let answer = judge("gate", [x, gate], tensor("", products, [2, 2]))
    #expect(answer.status == PLUMBLINE_OK.rawValue && answer.verdict == "within")
    #expect(answer.json["margin"] as? Double == 0 && answer.json["elements"] as? Int == 4)
    #expect(answer.json["replay"] is NSNull && answer.json["condition"] is NSNull)
  }

  @Test func whatIsNotIsOutsideAndNamed() throws {
    var wrong = products
    wrong[2] = (-0.5 as Float).nextDown
    let answer = judge("gate", [x, gate], tensor("", wrong, [2, 2]))
    #expect(answer.verdict == "outside" && answer.json["kind"] as? String == "wrong number")
    let worst = try #require(answer.json["worst"] as? [String: Any])
    #expect(worst["index"] as? [Int] == [1, 0] && worst["lower"] as? String == "-0x1p-1")
    // The element alone.
    #expect(answer.json["replay"] as? String == "gate gate=[1x1]:0x1p-2 x=[1x1]:-0x1p+1")
    #expect((answer.json["condition"] as? String)?.contains("y = x · gate") == true)
  }

  /// One and the same tensor, in every layout and type that can hold it.
  @Test func everyLayoutAndTypeIsRead() {
    let numbers: [Float] = [3, 0.5, -2, 1]
    let others = [
      tensor("x", [3, -2, 0.5, 1] as [Float], [2, 2], strides: [1, 2]),
      tensor("x", [1, -2, 0.5, 3] as [Float], [2, 2], strides: [-2, -1], from: 3),
      tensor("x", [3, 9, 0.5, 9, -2, 9, 1] as [Float], [2, 2], strides: [4, 2]),
      tensor("x", numbers.map(Double.init), [2, 2], PLUMBLINE_F64),
      tensor("x", [0x4200, 0x3800, 0xC000, 0x3C00] as [UInt16], [2, 2], PLUMBLINE_F16),
      tensor("x", numbers.map { UInt16($0.bitPattern >> 16) }, [2, 2], PLUMBLINE_BF16),
    ]
    for x in others {
      #expect(judge("gate", [gate, x], tensor("", products, [2, 2])).verdict == "within")
      #expect(judge("gate", [gate, x], tensor("", products.map { $0.nextUp }, [2, 2])).verdict == "outside")
    }
    let repeated = tensor("x", [2] as [Float], [2, 2], strides: [0, 0])
    #expect(judge("gate", [gate, repeated], tensor("", [10, 16, 0.5, 6] as [Float], [2, 2])).verdict == "within")
    let table = tensor("weight", [1, 2, 3, 4] as [Float], [2, 2])
    for tokens in [
      tensor("tokens", [1, 0] as [Int32], [2], PLUMBLINE_I32), tensor("tokens", [1, 0] as [Int64], [2], PLUMBLINE_I64),
    ] {
      #expect(judge("embedding", [tokens, table], tensor("", [3, 4, 1, 2] as [Float], [2, 2])).verdict == "within")
    }
  }

  @Test func anEmptyTensorIsWithin() {
    let nothing = plumbline_tensor(
      name: tensor("x", [] as [Float], []).name, data: nil, shape: tensor("", [] as [Float], [0, 3]).shape,
      strides: nil,
      rank: 2, type: 0)
    #expect(judge("silu", [nothing], nothing).verdict == "within")
  }

  @Test func attributesAndArithmeticCount() {
    let (x, weight) = (tensor("x", [3, 4] as [Float], [1, 2]), tensor("weight", [0, 1] as [Float], [2]))
    // mean(9, 16) = 12.5; √(12.5 + 3.5) = 4.
    let output = tensor("", [0.75, 2] as [Float], [1, 2])
    #expect(
      judge("rms-norm", [x, weight], output, attributes: #"{"epsilon": 3.5, "addsOne": true}"#).verdict == "within")
    #expect(judge("rms-norm", [x, weight], output, attributes: #"{"epsilon": 3.5}"#).verdict == "outside")
    let third = tensor("", [0.33325195] as [Float], [1, 1])
    let (a, b) = (tensor("x", [1] as [Float], [1, 1]), tensor("gate", [0.33333334] as [Float], [1, 1]))
    #expect(judge("gate", [a, b], third, arithmetic: "f32").verdict == "outside")
    #expect(judge("gate", [a, b], third, arithmetic: "bf16").verdict == "within")
  }

  @Test func nothingIsClaimedOfWhatIsNotFinite() {
    let infinite = tensor("x", [.infinity, 1] as [Float], [1, 2])
    #expect(judge("softmax", [infinite], tensor("", [1, 0] as [Float], [1, 2])).verdict == "outside the domain")
  }

  /// Every argument that is wrong is refused with a line that names it.
  @Test func wrongArgumentsAreRefused() {
    let good = tensor("", products, [2, 2])
    func refuse(_ answer: Answer, _ words: String..., status: plumbline_status = PLUMBLINE_BAD_ARGUMENT) {
      #expect(answer.status == status.rawValue)
      for word in words { #expect(answer.text.contains(word), "\(answer.text)") }
    }
    refuse(judge(nil, [x, gate], good), "'layer'", "null")
    refuse(judge("gates", [x, gate], good), "'gates'", "gate")
    refuse(judge("gate", [x], good), "'gate'", "missing")
    refuse(judge("gate", [x, x], good), "'x'", "twice")
    refuse(judge("gate", [x, tensor("weight", products, [2, 2])], good), "'weight'")
    refuse(judge("gate", [x, gate], tensor("", products, [4])), "[4]", "[2, 2]")
    refuse(judge("gate", [x, gate], good, attributes: "{"), "attributes")
    refuse(judge("gate", [x, gate], good, attributes: "[1]"), "attributes")
    refuse(judge("gate", [x, gate], good, attributes: #"{"a": 1}"#), "'a'")
    refuse(judge("gate", [x, gate], good, attributes: #"{"a": 1, "a": 2}"#), "twice")
    refuse(judge("gate", [x, gate], good, arithmetic: "f31"), "'f31'")
    refuse(judge("block", [], good), "block", "engine", status: PLUMBLINE_NOT_PROVED)
    func changed(_ change: (inout plumbline_tensor) -> Void) -> Answer {
      var tensor = x
      change(&tensor)
      return judge("gate", [tensor, gate], good)
    }
    refuse(changed { $0.name = nil }, "name", "null")
    refuse(changed { $0.data = nil }, "'x'", "data", "null")
    refuse(changed { $0.shape = nil }, "'x'", "shape", "null")
    refuse(changed { $0.rank = -1 }, "'x'", "rank -1")
    refuse(changed { $0.rank = 1000 }, "'x'", "rank 1000")
    refuse(changed { $0.type = 6 }, "'x'", "type 6")
    refuse(changed { $0.type = -1 }, "'x'", "type -1")
    func shaped(_ shape: [Int64], strides: [Int64]? = nil) -> Answer {
      judge("gate", [tensor("x", products, shape, strides: strides), gate], good)
    }
    refuse(shaped([-1, 2]), "'x'", "-1")
    refuse(shaped([1 << 32, 1 << 32]), "'x'", "too large")
    refuse(shaped([.max, .max]), "'x'", "too large")
    refuse(shaped([.max, 0]), "'x'", "too large")
    refuse(shaped([1 << 30, 2], strides: [0, 1]), "'x'", "repeated")
    refuse(shaped([2, 2], strides: [.min, 1]), "'x'", "address space")
    refuse(shaped([2, 2], strides: [.max, .max]), "'x'", "address space")
    refuse(shaped([2, 2], strides: [1 << 50, 1]), "'x'", "address space")
    let tenths = tensor("x", [0.1, 0, 0, 0] as [Double], [2, 2], PLUMBLINE_F64)
    refuse(judge("gate", [tenths, gate], good), "'x'", "element 0", "Float32")
    let whole = tensor("x", [1, 0, 0, 0] as [Int32], [2, 2], PLUMBLINE_I32)
    refuse(judge("gate", [whole, gate], good), "'x'", "whole numbers")
  }

  @Test func theJSONIsDocumented() throws {
    for scale: Float in [1, 2] {
      let answer = judge("gate", [x, gate], tensor("", products.map { $0 * scale }, [2, 2]))
      let findings = try DocumentedJSON().findings(in: answer.text, of: "plumbline_judge")
      #expect(findings.problems.isEmpty && findings.met.contains("plumbline_judge"))
    }
  }

  @Test func severalThreadsAskAtOnce() {
    let wrong = tensor("", products.map { $0 * 2 }, [2, 2])
    let right = tensor("", products, [2, 2])
    let verdicts = Mutex<[Int: String]>([:])
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      let verdict = JudgeTests().judged(index.isMultiple(of: 2))
      verdicts.withLock { $0[index] = verdict }
    }
    #expect(verdicts.withLock { $0 }.allSatisfy { $1 == ($0.isMultiple(of: 2) ? "within" : "outside") })
    #expect(
      judge("gate", [x, gate], right).verdict == "within" && judge("gate", [x, gate], wrong).verdict == "outside")
  }

  private func judged(_ isRight: Bool) -> String? {
    judge("gate", [x, gate], tensor("", isRight ? products : products.map { $0 * 2 }, [2, 2])).verdict
  }

  @Test func layersAreDescribed() throws {
    let answer = Answer { plumbline_layers($0) }
    let layers = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [[String: Any]]
    #expect(layers?.contains { $0["layer"] as? String == "softmax" } == true)
  }

  @Test func exactValuesHaveTheirBounds() throws {
    var values: UnsafeMutablePointer<plumbline_values>?
    let answer = Answer { place in
      [x, gate].withUnsafeBufferPointer {
        plumbline_exact("gate", nil, $0.baseAddress, 2, nil, &values, place)
      }
    }
    #expect(answer.status == PLUMBLINE_OK.rawValue && answer.text.isEmpty)
    let found = try #require(values?.pointee)
    #expect(found.rank == 2 && found.shape[0] == 2 && found.shape[1] == 2 && found.count == 4)
    for (index, product) in products.enumerated() {
      #expect(found.expected[index] == product && found.lower[index] == Double(product))
      #expect(
        found.upper[index] == Double(product) && found.bound[index] <= Double(product.ulp) / 2
          && found.bound[index] >= 0)
    }
    plumbline_free(values)
  }
}
