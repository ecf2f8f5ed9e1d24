import Kernels
import Plumbline
import Testing

@Test func softmaxIsWithinItsBounds() throws {
  try requireWithin(.softmax, cases: 100, arithmetic: .f32) { input in
    let x = try input.tensor("x")
    return Tensor(shape: x.shape, elements: softmax(x.elements, columns: x.columns))
  }
}

private func kernel(_ input: Case) throws -> Tensor {
  let x = try input.tensor("x")
  return Tensor(shape: x.shape, elements: softmax(x.elements, columns: x.columns))
}

@Test(arguments: try Case.drawn(of: .softmax, count: 20))
func eachCaseIsWithin(_ input: Case) throws {
  let judgement = try input.judge(kernel(input))
  #expect(judgement.verdict == .within, "\(judgement): \(input)")
}

@Test func aCaseOfMyOwn() throws {
  let input = try Case(.softmax, tensors: ["x": Tensor(shape: [1, 2], elements: [3, 3])])
  #expect(try input.exactValues().map(\.nearest) == [0.5, 0.5])
  #expect(try input.judge(kernel(input)).margin <= 1)
}

/// The page *HowTo-Swift* shows this; there is no such model here.
private func gradeOfMyDump() throws {
  let grade = try Model(contentsOf: "model.gguf").grade(dump: "dump.safetensors", tokens: [1, 2, 3], arithmetic: .bf16)
  if grade.verdict != .within { print(grade.firstCause ?? "", grade.explanations) }
}

@Test func aModelThatIsMissingIsSaid() throws {
  let error = try #require(throws: PlumblineError.self) { try gradeOfMyDump() }
  #expect(error.code == .badFile && !error.remedy.isEmpty)
}
