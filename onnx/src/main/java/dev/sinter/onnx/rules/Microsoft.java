package dev.sinter.onnx.rules;

/// The operators of ONNX Runtime that exporters of transformers write.
final class Microsoft {
  /// Their domain.
  static final String DOMAIN = "com.microsoft";

  private Microsoft() {}
}
