package dev.sinter.compiler.conformance;

import java.nio.ByteBuffer;
import java.util.List;

/// A recorded test: a model, and sets of inputs with the outputs that they should give.
///
/// @param suite the suite that it is of; may be empty
/// @param name its name in the suite
/// @param model the ONNX file
/// @param data the recordings
public record TestCase(String suite, String name, ByteBuffer model, List<DataSet> data) {
  public TestCase {
    data = List.copyOf(data);
  }

  /// One recording: tensors in the order of the graph's inputs and outputs, as the files' bytes.
  public record DataSet(List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
    public DataSet {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }
}
