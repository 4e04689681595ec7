package dev.sinter.benchmarks.cold;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The whole program of a JVM whose start is measured. What it uses itself is little and the same
/// for all runtimes: no lambdas and no joined strings before the first answer, which would load a
/// part of the JDK.
public final class ColdStart {
  /// The first argument that has Sinter answer.
  public static final String SINTER = "sinter";

  /// The first argument that has ONNX Runtime answer.
  public static final String ONNXRUNTIME = "onnxruntime";

  private ColdStart() {}

  /// Arguments: whose service, the program's class or the ONNX file, threads, seconds, the folder
  /// of an [Exchange], and for each input and output `in` or `out`, its name, its bytes, its rank
  /// and its sizes. The first answer and the [Times] come to that folder.
  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    long atMain = System.currentTimeMillis();
    long begin = System.nanoTime();
    int threads = Integer.parseInt(arguments[2]);
    double seconds = Double.parseDouble(arguments[3]);
    Path folder = Path.of(arguments[4]);
    try (Service service =
        arguments[0].equals(SINTER)
            ? new SinterService(arguments[1], threads)
            : new OnnxRuntimeService(arguments[1], threads)) {
      long loaded = System.nanoTime();
      List<Port> inputs = ports(arguments, "in");
      List<Port> outputs = ports(arguments, "out");
      for (int i = 0; i < inputs.size(); i++) {
        ByteBuffer memory = inputs.get(i).memory();
        try (FileChannel file = FileChannel.open(file(folder, "in", i))) {
          while (memory.hasRemaining() && file.read(memory) >= 0) {}
          memory.clear();
        }
      }
      service.connect(inputs, outputs);
      service.answer();
      long answered = System.nanoTime();
      for (int i = 0; i < outputs.size(); i++) {
        try (FileChannel file =
            FileChannel.open(
                file(folder, "out", i), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          file.write(outputs.get(i).memory().duplicate());
        }
      }
      Calls calls = Calls.until(service::answer, seconds);
      long steady = calls.steadyFrom();
      new Times(
              atMain,
              atMain + (loaded - begin) / 1e6,
              atMain + (answered - begin) / 1e6,
              atMain + (steady - begin) / 1e6,
              calls.steady() / 1e6)
          .write(folder);
    }
  }

  private static Path file(Path folder, String kind, int number) {
    return folder.resolve(kind.concat(Integer.toString(number)));
  }

  private static List<Port> ports(String[] arguments, String kind) {
    List<Port> ports = new ArrayList<>();
    int at = 5;
    while (at < arguments.length) {
      int rank = Integer.parseInt(arguments[at + 3]);
      if (arguments[at].equals(kind)) {
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
          shape.add(Long.valueOf(arguments[at + 4 + i]));
        }
        ByteBuffer memory = ByteBuffer.allocateDirect(Integer.parseInt(arguments[at + 2]));
        ports.add(new Port(arguments[at + 1], shape, memory.order(ByteOrder.nativeOrder())));
      }
      at += 4 + rank;
    }
    return ports;
  }
}
