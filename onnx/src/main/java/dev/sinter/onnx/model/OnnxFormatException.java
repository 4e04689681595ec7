package dev.sinter.onnx.model;

import java.io.IOException;
import java.io.Serial;

/// A file that is not what ONNX says it should be; the message says how.
public final class OnnxFormatException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  public OnnxFormatException(String message) {
    super(message);
  }

  public OnnxFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
