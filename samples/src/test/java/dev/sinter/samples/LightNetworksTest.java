package dev.sinter.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.onnx.model.OnnxWriter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.samples.TrainedModel.Bound;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The large networks among ONNX's own tests give ONNX Runtime's answers. There all weights of a
/// network are one number; here they are drawn.
class LightNetworksTest {
  /// The first in which weights need not be inputs is 4.
  private static final long FILE_VERSION = 8;

  /// The scale of what a branch adds, so that sums of branches do not grow.
  private static final double BRANCH = 0.5;

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"bvlc_alexnet", "vgg19", "resnet50", "shufflenet", "squeezenet"})
  void giveOnnxRuntimesAnswers(String name) throws IOException {
    Assumptions.assumeTrue(Tier.current() == Tier.FULL, "takes minutes: in -Pfull only");
    OnnxModel drawn = withDrawnWeights(read(name), new Random(1));
    Path file = folder.resolve(name + ".onnx");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      OnnxWriter.write(drawn, out);
    }
    String input = drawn.graph().inputs().getFirst().name();
    List<Map<String, Tensor>> questions = new ArrayList<>();
    for (int seed = 2; seed < 4; seed++) {
      Tensor picture = drawn(new long[] {1, 3, 224, 224}, new Random(seed), 1);
      questions.add(Map.of(input, picture));
    }
    new Sample(folder, folder)
        .compile(name, Map.of())
        .agrees(
            questions,
            Bound.FLOAT,
            (mine, theirs) -> {
              float[] classes = theirs.values().iterator().next().toFloatArray();
              Arrays.sort(classes);
              assertThat(classes[classes.length - 1]).as("as good as certain").isLessThan(0.99f);
            });
  }

  private static OnnxModel read(String name) throws IOException {
    Path tests = Repository.current().shared("onnx-conformance/onnx-conformance-public.zip");
    try (ZipFile zip = new ZipFile(tests.toFile());
        InputStream in =
            zip.getInputStream(zip.getEntry("light/test_%s/model.onnx".formatted(name)))) {
      return OnnxReader.model(ByteBuffer.wrap(in.readAllBytes()));
    }
  }

  /// The model with drawn numbers in each tensor of floats.
  private static OnnxModel withDrawnWeights(OnnxModel model, Random random)
      throws OnnxFormatException {
    OnnxGraph graph = model.graph();
    Map<String, OnnxTensor> constants = new LinkedHashMap<>();
    graph.initializers().forEach(tensor -> constants.put(tensor.name(), tensor));
    Map<String, long[]> shapes = new LinkedHashMap<>();
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.opType().equals("ConstantOfShape")) {
        OnnxTensor shape = Objects.requireNonNull(constants.get(node.inputs().getFirst()));
        shapes.put(node.outputs().getFirst(), TensorData.INLINE.read(shape).toLongArray());
      } else {
        nodes.add(node);
      }
    }
    for (OnnxTensor constant : graph.initializers()) {
      if (constant.elementType() == OnnxTypes.number(DType.F32)) {
        shapes.put(constant.name(), constant.dims().stream().mapToLong(d -> d).toArray());
      }
    }
    Map<String, Double> positive = new HashMap<>();
    for (OnnxNode node : nodes) {
      if (node.opType().equals("BatchNormalization")) {
        positive.put(node.inputs().get(1), BRANCH);
        positive.put(node.inputs().get(4), 1.0);
      }
    }
    shapes.forEach((name, shape) -> {
      Tensor weight = drawn(shape, random, positive.getOrDefault(name, 0.0));
      constants.put(name, OnnxTensor.of(name, weight));
    });
    OnnxGraph changed =
        new OnnxGraph(
            graph.name(),
            nodes,
            graph.inputs().stream().filter(i -> !constants.containsKey(i.name())).toList(),
            graph.outputs(),
            List.copyOf(constants.values()),
            graph.values());
    return new OnnxModel(FILE_VERSION, model.opsets(), changed, model.functions());
  }

  /// Numbers around `middle`, all positive unless it is 0; those of a layer's weight so spread that
  /// what comes out is about as large as what goes in.
  private static Tensor drawn(long[] shape, Random random, double middle) {
    long inputs = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
    double spread = shape.length == 1 ? 0.1 : Math.sqrt(2.0 / inputs);
    Tensor drawn = Tensor.zeros(DType.F32, shape);
    for (long i = 0; i < drawn.size(); i++) {
      double next = spread * random.nextGaussian();
      drawn.setDouble(i, middle == 0 ? next : middle * Math.exp(next));
    }
    return drawn;
  }
}
