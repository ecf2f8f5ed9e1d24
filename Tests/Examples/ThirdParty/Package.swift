// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "third-party",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "plumbline", path: "../../..")],
  targets: [
    .target(name: "Kernels"),
    .testTarget(name: "KernelTests", dependencies: ["Kernels", .product(name: "Plumbline", package: "plumbline")]),
  ]
)
