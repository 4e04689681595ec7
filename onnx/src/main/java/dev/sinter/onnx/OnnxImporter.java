package dev.sinter.onnx;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Equations;
import dev.sinter.ir.ModelGraph;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.onnx.rules.AllRules;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads ONNX models as Sinter's graphs.
public final class OnnxImporter {
  private OnnxImporter() {}

  /// The model in a file, its weights as first values of its parameters.
  ///
  /// @param name what the model is called in Sinter
  /// @param sizes the values of sizes that the file leaves open, by their names
  /// @throws OnnxFormatException when the file is no ONNX model
  /// @throws IOException when it cannot be read
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when it is a model that Sinter cannot
  ///   compile
  public static ModelGraph read(Path file, String name, Map<String, Long> sizes)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofShared()) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new OnnxFormatException("it has more than 2 GiB, which no protobuf message has");
      }
      ByteBuffer bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena).asByteBuffer();
      Path parent = file.toAbsolutePath().getParent();
      return read(
          OnnxReader.model(bytes),
          name,
          file.toString(),
          new TensorData(Optional.ofNullable(parent)),
          sizes);
    }
  }

  /// A model that is in memory.
  ///
  /// @param source what messages call it
  /// @param sizes the values of sizes that the file leaves open, by their names
  public static ModelGraph read(
      OnnxModel model, String name, String source, TensorData tensors, Map<String, Long> sizes) {
    Map<String, Dim> known = new HashMap<>();
    sizes.forEach((size, value) -> known.put(size, Dim.of(value)));
    return Equations.solving(
        Set.of(),
        known,
        equations -> {
          ModelImport whole = new ModelImport(model, source, tensors, AllRules.RULES, equations);
          ModelGraph graph = whole.graph(name);
          whole.checkNames(sizes.keySet());
          return graph;
        });
  }
}
