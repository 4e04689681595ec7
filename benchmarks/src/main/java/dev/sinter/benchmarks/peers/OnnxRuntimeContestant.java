package dev.sinter.benchmarks.peers;

import dev.sinter.benchmarks.cold.OnnxRuntimeService;
import dev.sinter.benchmarks.cold.Port;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A network in ONNX Runtime.
final class OnnxRuntimeContestant implements Contestant {
  private final OnnxRuntimeService service;
  private final List<Port> outputs;
  private final Map<String, Tensor> results = new LinkedHashMap<>();

  /// @param like results of the same network: they tell the sizes
  /// @throws IllegalArgumentException if ONNX Runtime refuses the network or does not load
  OnnxRuntimeContestant(
      Path file, Map<String, Tensor> arguments, Map<String, Tensor> like, int threads) {
    service = new OnnxRuntimeService(file.toString(), threads);
    List<Port> inputs = ports(arguments);
    inputs.forEach(port -> {
      Tensor argument = Objects.requireNonNull(arguments.get(port.name()));
      MemorySegment.ofBuffer(port.memory()).copyFrom(argument.memory());
    });
    outputs = ports(like);
    service.connect(inputs, outputs);
    like.forEach((name, tensor) -> results.put(name, Tensor.zeros(tensor.dtype(), tensor.shape())));
  }

  private static List<Port> ports(Map<String, Tensor> tensors) {
    List<Port> ports = new ArrayList<>();
    tensors.forEach((name, tensor) -> {
      ByteBuffer memory =
          ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())).order(ByteOrder.nativeOrder());
      ports.add(new Port(name, Arrays.stream(tensor.shape()).boxed().toList(), memory));
    });
    return ports;
  }

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public void run() {
    service.answer();
  }

  @Override
  public Map<String, Tensor> results() {
    for (Port port : outputs) {
      Tensor result = Objects.requireNonNull(results.get(port.name()));
      result.memory().copyFrom(MemorySegment.ofBuffer(port.memory()));
    }
    return results;
  }

  @Override
  public void close() {
    service.close();
  }
}
