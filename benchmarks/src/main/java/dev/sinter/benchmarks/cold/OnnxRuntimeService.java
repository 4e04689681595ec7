package dev.sinter.benchmarks.cold;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// A network in ONNX Runtime with all its optimizations, which writes into memory that stays.
public final class OnnxRuntimeService implements Service {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();

  /// @throws IllegalArgumentException if ONNX Runtime refuses the network or does not load
  public OnnxRuntimeService(String file, int threads) {
    try {
      environment = OrtEnvironment.getEnvironment();
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      session = environment.createSession(file, options);
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// @throws IllegalArgumentException if the network has no such inputs or outputs
  @Override
  public void connect(List<Port> asked, List<Port> answered) {
    try {
      connect(asked, session.getInputInfo(), inputs);
      connect(answered, session.getOutputInfo(), outputs);
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private void connect(List<Port> ports, Map<String, NodeInfo> nodes, Map<String, OnnxTensor> to)
      throws OrtException {
    for (Port port : ports) {
      NodeInfo node = Objects.requireNonNull(nodes.get(port.name()));
      if (!(node.getInfo() instanceof TensorInfo info)) {
        throw new IllegalArgumentException(port.name() + " is no tensor");
      }
      OnnxTensor tensor =
          OnnxTensor.createTensor(environment, port.memory(), port.sizes(), info.type);
      to.put(port.name(), tensor);
    }
  }

  @Override
  public void answer() {
    try {
      session.run(inputs, Set.of(), outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
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
