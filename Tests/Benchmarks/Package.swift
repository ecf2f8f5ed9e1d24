// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that neither its dependency nor its build is anybody else's; README.md says how it is run.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "plumbline", path: "../.."),
    .package(url: "https://github.com/google/swift-benchmark", exact: "0.1.2"),
  ],
  targets: [
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        .product(name: "Plumbline", package: "plumbline"), .product(name: "Benchmark", package: "swift-benchmark"),
      ]),
    // Exact products for exact_beside_flint.py.
    .executableTarget(name: "ExactProducts", dependencies: [.product(name: "Plumbline", package: "plumbline")]),
  ]
)
