package dev.sinter.onnx.model;

import java.util.List;

/// A value that a node has from the file and not from another node.
///
/// @param name the name
/// @param value the value
public record OnnxAttribute(String name, Value value) {
  /// What an attribute may be.
  public sealed interface Value {
    /// A 32-bit float.
    record Real(float value) implements Value {}

    /// A 64-bit integer.
    record Int(long value) implements Value {}

    /// A string.
    record Text(String value) implements Value {}

    /// A tensor.
    record Tensor(OnnxTensor value) implements Value {}

    /// A graph, such as the body of a loop.
    record Graph(OnnxGraph value) implements Value {}

    /// Floats.
    record Reals(List<Float> values) implements Value {
      public Reals {
        values = List.copyOf(values);
      }
    }

    /// Integers.
    record Ints(List<Long> values) implements Value {
      public Ints {
        values = List.copyOf(values);
      }
    }

    /// Strings.
    record Texts(List<String> values) implements Value {
      public Texts {
        values = List.copyOf(values);
      }
    }

    /// In a function: what the calling node has under this name.
    record Reference(String name) implements Value {}

    /// What no operator that is known here has, such as a sparse tensor.
    record Other(String kind) implements Value {}
  }
}
