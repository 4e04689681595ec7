package dev.sinter.onnx.export;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.onnx.model.OnnxWriter;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.OnnxRuntimePeer;
import dev.sinter.testkit.RandomGraphs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A graph as an ONNX file, run by who reads such files.
///
/// @param graph the graph
/// @param written what is written into the file
record ExportedModel(Graph graph, OnnxModel written) {
  /// Exports `graph`, whose inputs are `inputs`.
  static ExportedModel of(Graph graph, List<Tensor> inputs) {
    Map<String, Tensor> weights = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (graph.inputs().get(i).role() == Graph.Role.WEIGHT) {
        weights.put(graph.inputs().get(i).name(), inputs.get(i));
      }
    }
    return new ExportedModel(graph, OnnxExporter.export(graph, weights));
  }

  static ExportedModel of(RandomGraphs.Sample sample) {
    return of(sample.graph(), sample.inputs());
  }

  /// What is read from the file.
  OnnxModel read() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OnnxWriter.write(written, out);
    return OnnxReader.model(ByteBuffer.wrap(out.toByteArray()));
  }

  /// The inputs that are no weights, under their names in the file.
  private Map<String, Tensor> given(List<String> names, List<Tensor> inputs) {
    List<Tensor> ordered = new ArrayList<>();
    for (Graph.Role role : List.of(Graph.Role.ARGUMENT, Graph.Role.STATE)) {
      for (int i = 0; i < inputs.size(); i++) {
        if (graph.inputs().get(i).role() == role) {
          ordered.add(inputs.get(i));
        }
      }
    }
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      given.put(names.get(i), ordered.get(i));
    }
    return given;
  }

  /// What the interpreter answers once the file is imported again.
  List<Tensor> importedAgain(List<Tensor> inputs) throws IOException {
    ModelGraph model =
        OnnxImporter.read(read(), "Again", "again.onnx", TensorData.INLINE, Map.of());
    Graph again = model.entries().getFirst();
    List<String> names = written.graph().inputs().stream().map(i -> i.name()).toList();
    Map<String, Tensor> all = new HashMap<>(given(names, inputs));
    for (ModelGraph.Parameter parameter : model.parameters()) {
      if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
        all.put(parameter.name(), tensor);
      }
    }
    Map<String, Tensor> results = new HashMap<>();
    Interpreter.rounding().run(again, all).forEach((o, value) -> results.put(o.name(), value));
    return again.outputs().stream()
        .map(o -> Objects.requireNonNull(results.get(o.name())))
        .toList();
  }

  /// What ONNX Runtime answers.
  List<Tensor> runByPeer(Path folder, List<Tensor> inputs) throws IOException {
    Path file = folder.resolve("model.onnx");
    OnnxFileWriter.write(written, file);
    try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(file)) {
      return List.copyOf(peer.run(given(peer.inputs(), inputs)).values());
    }
  }
}
