import CPlumbline
import Foundation
import PlumbCInterface
import PlumbCases
import PlumbVerdicts
import Testing

/// Kernels that are called through the C interface.
@Suite struct FuzzTests {
  /// max(x, 0), or a kernel with a fault, which the context chooses.
  private static let relu: plumbline_kernel = { context, input, output, problem in
    let fault = context?.assumingMemoryBound(to: Int32.self).pointee ?? 0
    guard let output = output, let tensor = input?.pointee.tensors?.pointee else { return PLUMBLINE_STOP }
    let count = (0..<Int(tensor.rank)).reduce(1) { $0 * Int(tensor.shape[$1]) }
    let x = UnsafeRawBufferPointer(start: tensor.data, count: 4 * count).bindMemory(to: Float.self)
    if fault == 2 && count > 3 { return PLUMBLINE_STOP }
    if fault == 3 && count > 3 {
      for (place, byte) in "wrong shape: none at all".utf8CString.enumerated() { problem?[place] = byte }
      return PLUMBLINE_FAILED
    }
    if fault == 4 { return 77 }
    for index in 0..<count { output[index] = fault == 1 && count > 5 && index == 2 ? 7 : max(x[index], 0) }
    return PLUMBLINE_COMPUTED
  }

  private func fuzz(_ options: String?, fault: Int32 = 0, layer: String = "relu") -> Answer {
    var fault = fault
    return Answer { plumbline_fuzz(layer, options, Self.relu, &fault, $0) }
  }

  @Test func aCorrectKernelIsWithin() {
    let answer = fuzz(#"{"cases": 60, "seed": 3}"#)
    #expect(answer.status == PLUMBLINE_OK.rawValue)
    #expect(answer.json["cases"] as? Int == 60 && answer.json["failed"] as? Int == 0)
    #expect(answer.json["arithmetic"] as? String == "f32" && answer.json["seed"] as? Int == 3)
  }

  /// Shards, joined in any order, are the run.
  @Test func shardsAreOneRun() throws {
    let options = #""cases": 1100, "seed": 3, "shape": {"rows": 1, "columns": 6}, "shrinkingTime": 0"#
    let whole = fuzz("{\(options)}", fault: 1)
    let parts = [2, 0, 1].map { fuzz(#"{\#(options), "shard": {"index": \#($0), "count": 3}}"#, fault: 1).text }
    let joined = Answer { plumbline_merge("[\(parts.joined(separator: ","))]", $0) }
    #expect(joined.status == PLUMBLINE_OK.rawValue)
    for key in ["cases", "failed", "margins", "failures", "greatest", "worstUlps"] {
      let (one, other) = try (#require(joined.json[key] as? NSObject), #require(whole.json[key] as? NSObject))
      #expect(one == other, "\(key)")
    }
    let missing = Answer { plumbline_merge("[\(parts[0])]", $0) }
    #expect(missing.status == PLUMBLINE_BAD_ARGUMENT.rawValue && missing.text.contains("missing"))
    for text in ["[]", "[{}]", "no", "{}"] {
      #expect(Answer { plumbline_merge(text, $0) }.status == PLUMBLINE_BAD_ARGUMENT.rawValue)
    }
  }

  @Test func aFaultIsFoundAndMadeSmall() throws {
    let answer = fuzz(#"{"cases": 60, "strategy": "random"}"#, fault: 1)
    #expect(answer.json["failed"] as? Int ?? 0 > 0)
    let failure = try #require((answer.json["failures"] as? [[String: Any]])?.first)
    let line = try #require(failure["replay"] as? String)
    // The least case that has the fault: six elements.
    let small = try CheckedCase(CaseLine.parse(line))
    #expect(try small.tensor("x").elements.count == 6, "\(line)")
    #expect((failure["what"] as? String)?.contains("yours 7.0") == true)
  }

  @Test func whatAKernelSaysIsItsFailure() throws {
    let answer = fuzz(#"{"cases": 40}"#, fault: 3)
    let failure = try #require((answer.json["failures"] as? [[String: Any]])?.first)
    #expect(failure["kind"] as? String == "wrong shape" && failure["what"] as? String == "wrong shape: none at all")
  }

  @Test func aKernelMayStopTheRun() {
    #expect(fuzz(#"{"cases": 40}"#, fault: 2).status == PLUMBLINE_STOPPED.rawValue)
    let other = fuzz(#"{"cases": 40}"#, fault: 4)
    #expect(other.status == PLUMBLINE_BAD_ARGUMENT.rawValue && other.text.contains("77"))
  }

  @Test func aFailureIsMadeSmallByItsLine() throws {
    var fault: Int32 = 1
    let line = "relu x=[2x6]:" + Array(repeating: "0x1.8p+1", count: 12).joined(separator: ",")
    let answer = Answer { plumbline_shrink(line, #"{"shrinkingTime": 20}"#, Self.relu, &fault, $0) }
    #expect(answer.verdict == "outside")
    #expect(answer.json["replay"] as? String == "relu x=[2x3]:0x0p+0,0x0p+0,0x0p+0,0x0p+0,0x0p+0,0x0p+0")
    fault = 0
    let right = Answer { plumbline_shrink(line, nil, Self.relu, &fault, $0) }
    #expect(right.verdict == "within" && right.json["replay"] as? String == line)
  }

  /// The cases of the interface are those of the command.
  @Test func casesAreThoseOfARun() throws {
    let expected = try Catalogue.cases(of: .rmsNorm, count: 12, seed: 5)
    for (number, input) in expected.enumerated() {
      var drawn: UnsafeMutablePointer<plumbline_case>?
      let answer = Answer { plumbline_draw("rms-norm", #"{"seed": 5}"#, Int64(number), &drawn, $0) }
      let found = try #require(drawn?.pointee, "\(answer.text)")
      let line = String(cString: found.line)
      #expect(line == input.description && found.number == number && String(cString: found.layer) == "rms-norm")
      let x = found.tensors[0]
      let values = UnsafeRawBufferPointer(start: x.data, count: 4 * Int(x.shape[0] * x.shape[1]))
      #expect(
        try Array(values.bindMemory(to: Float.self)).map(\.bitPattern)
          == input.tensor("x").elements.map(\.bitPattern))
      #expect(String(cString: found.attributes[0].name) == "epsilon" && found.attribute_count == 2)
      var read: UnsafeMutablePointer<plumbline_case>?
      #expect(Answer { plumbline_read(line, &read, $0) }.status == PLUMBLINE_OK.rawValue)
      #expect(read.map { String(cString: $0.pointee.line) } == line && read?.pointee.number == -1)
      plumbline_free(read)
      plumbline_free(drawn)
    }
    plumbline_free(nil)
  }

  @Test func wrongOptionsAreRefused() {
    for (options, word) in [
      (#"{"case": 1}"#, "'case'"), (#"{"cases": 0}"#, "'cases'"), (#"{"cases": 1.5}"#, "'cases'"),
      (#"{"seed": -1}"#, "'seed'"), (#"{"seed": 1e17}"#, "'seed'"), (#"{"seed": "x"}"#, "'seed'"),
      (#"{"strategy": "wild"}"#, "'strategy'"), (#"{"objective": 1}"#, "'objective'"),
      (#"{"shape": {"width": 1}}"#, "'width'"), (#"{"shape": {"rows": 0}}"#, "rows=0"), (#"{"shape": 1}"#, "'shape'"),
      (#"{"shrinkingTime": -1}"#, "'shrinkingTime'"), (#"{"shard": {"index": 2, "count": 2}}"#, "'shard'"),
      (#"{"arithmetic": "f31"}"#, "'f31'"), ("nonsense", "'options'"),
    ] {
      let answer = fuzz(options)
      #expect(answer.status == PLUMBLINE_BAD_ARGUMENT.rawValue && answer.text.contains(word), "\(answer.text)")
    }
    #expect(fuzz(nil, layer: "block").status == PLUMBLINE_NOT_PROVED.rawValue)
    let nothing = Answer { plumbline_fuzz("relu", nil, nil, nil, $0) }
    #expect(nothing.status == PLUMBLINE_BAD_ARGUMENT.rawValue && nothing.text.contains("'kernel'"))
    let search = Answer { plumbline_draw("relu", #"{"strategy": "search"}"#, 0, nil, $0) }
    #expect(search.status == PLUMBLINE_BAD_ARGUMENT.rawValue && search.text.contains("'drawn'"))
    var drawn: UnsafeMutablePointer<plumbline_case>?
    let none = Answer { plumbline_draw("relu", #"{"strategy": "search"}"#, 0, &drawn, $0) }
    #expect(none.text.contains("search") && drawn == nil)
    let below = Answer { plumbline_draw("relu", nil, -1, &drawn, $0) }
    #expect(below.text.contains("-1"))
    #expect(Answer { plumbline_read("relu y=[1]:1", &drawn, $0) }.text.contains("'x'"))
    #expect(Answer { plumbline_read("nothing", &drawn, $0) }.text.contains("column 1"))
  }
}
