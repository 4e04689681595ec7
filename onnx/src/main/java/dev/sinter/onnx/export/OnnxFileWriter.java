package dev.sinter.onnx.export;

import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxWriter;
import dev.sinter.runtime.files.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes models as files. Weights of more bytes than a message should have lie in a file beside
/// the model's, `NAME.onnx.data`, as ONNX's external data.
public final class OnnxFileWriter {
  /// A protobuf message ends at 2 GiB, and many readers copy it whole: half of that.
  private static final long MOST_INLINE = 1L << 30;

  /// Tensors of fewer bytes stay with the model.
  private static final long SMALL = 1024;

  /// Where tensors begin in the file beside, so that a reader can map each by itself.
  private static final long ALIGNMENT = 4096;

  private OnnxFileWriter() {}

  /// Writes `model`; each file is whole or the one that was there before.
  ///
  /// @return the file beside it, where there is one
  public static Optional<Path> write(OnnxModel model, Path file) throws IOException {
    return write(model, file, MOST_INLINE);
  }

  /// The same where weights of more than `inline` bytes lie beside.
  static Optional<Path> write(OnnxModel model, Path file, long inline) throws IOException {
    List<OnnxTensor> tensors = model.graph().initializers();
    long bytes = tensors.stream().mapToLong(OnnxFileWriter::bytes).sum();
    if (bytes <= inline) {
      message(model, file);
      return Optional.empty();
    }
    Path data = file.resolveSibling(file.getFileName() + ".data");
    List<OnnxTensor> placed = new ArrayList<>();
    List<ByteBuffer> contents = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    long end = 0;
    for (OnnxTensor tensor : tensors) {
      if (bytes(tensor) < SMALL || !(tensor.data() instanceof OnnxTensor.Data.Raw(var content))) {
        placed.add(tensor);
        continue;
      }
      long offset = Math.ceilDiv(end, ALIGNMENT) * ALIGNMENT;
      end = offset + bytes(tensor);
      contents.add(content);
      offsets.add(offset);
      Map<String, String> where =
          Map.of(
              "location",
              String.valueOf(data.getFileName()),
              "offset",
              Long.toString(offset),
              "length",
              Long.toString(bytes(tensor)));
      placed.add(
          new OnnxTensor(
              tensor.name(),
              tensor.elementType(),
              tensor.dims(),
              new OnnxTensor.Data.External(where)));
    }
    AtomicFile.write(
        data,
        channel -> {
          for (int i = 0; i < contents.size(); i++) {
            put(channel, contents.get(i).slice(), offsets.get(i));
          }
        });
    OnnxGraph graph = model.graph();
    OnnxGraph light =
        new OnnxGraph(
            graph.name(), graph.nodes(), graph.inputs(), graph.outputs(), placed, graph.values());
    message(new OnnxModel(model.irVersion(), model.opsets(), light, model.functions()), file);
    return Optional.of(data);
  }

  private static long bytes(OnnxTensor tensor) {
    return tensor.data() instanceof OnnxTensor.Data.Raw(var bytes) ? bytes.remaining() : 0;
  }

  private static void put(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  private static void message(OnnxModel model, Path file) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
          OnnxWriter.write(model, out);
          out.flush();
        });
  }
}
