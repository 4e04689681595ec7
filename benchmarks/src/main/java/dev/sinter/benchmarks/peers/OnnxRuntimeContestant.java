package dev.sinter.benchmarks.peers;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// A network in ONNX Runtime with all its optimizations, which writes into memory that stays.
final class OnnxRuntimeContestant implements Contestant {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final Map<String, Tensor> results = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> memory = new LinkedHashMap<>();

  /// @param like results of the same network: they tell the sizes
  /// @throws IllegalArgumentException if ONNX Runtime refuses the network or does not load
  OnnxRuntimeContestant(
      Path file, Map<String, Tensor> arguments, Map<String, Tensor> like, int threads) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      session = environment.createSession(file.toString(), options);
      for (Map.Entry<String, Tensor> argument : arguments.entrySet()) {
        ByteBuffer buffer = buffer(argument.getValue());
        MemorySegment.ofBuffer(buffer).copyFrom(argument.getValue().memory());
        NodeInfo node = Objects.requireNonNull(session.getInputInfo().get(argument.getKey()));
        inputs.put(argument.getKey(), tensor(environment, node, argument.getValue(), buffer));
      }
      for (Map.Entry<String, Tensor> output : like.entrySet()) {
        ByteBuffer buffer = buffer(output.getValue());
        memory.put(output.getKey(), buffer);
        NodeInfo node = Objects.requireNonNull(session.getOutputInfo().get(output.getKey()));
        outputs.put(output.getKey(), tensor(environment, node, output.getValue(), buffer));
        results.put(
            output.getKey(), Tensor.zeros(output.getValue().dtype(), output.getValue().shape()));
      }
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static ByteBuffer buffer(Tensor tensor) {
    return ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes()))
        .order(ByteOrder.nativeOrder());
  }

  private static OnnxTensor tensor(
      OrtEnvironment environment, NodeInfo node, Tensor like, ByteBuffer buffer)
      throws OrtException {
    if (!(node.getInfo() instanceof TensorInfo info)) {
      throw new IllegalArgumentException(node.getName() + " is no tensor");
    }
    return OnnxTensor.createTensor(environment, buffer, like.shape(), info.type);
  }

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public void run() {
    try {
      session.run(inputs, Set.of(), outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Map<String, Tensor> results() {
    results.forEach(
        (name, tensor) -> tensor.memory().copyFrom(MemorySegment.ofBuffer(memory.get(name))));
    return results;
  }

  @Override
  public void close() {
    try {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
