package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.RandomGraphs.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every function of every type that it takes, as every tier computes it.
class ScalarFunctionsTest {
  /// Enough for whole vectors and a rest at each width.
  private static final int ELEMENTS = 53;

  private static final List<SampleModel.Setting> SETTINGS =
      List.of(
          new SampleModel.Setting("scalar", 128, 1),
          new SampleModel.Setting("16", 256, 1),
          new SampleModel.Setting("32", 128, 2));

  private final GraphBuilder b = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final Random random = new Random(5);

  @ParameterizedTest
  @EnumSource
  void agreesWithTheInterpreter(DType dtype) {
    TensorType type = TensorType.of(dtype, ELEMENTS);
    List<Value> arguments = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      arguments.add(input(type));
    }
    Value condition = input(type.withDtype(DType.BOOL));
    Value amount = amount(type);
    List<Graph.Output> outputs = new ArrayList<>();
    List<Value> results = new ArrayList<>();
    for (ScalarFn fn : ScalarFn.values()) {
      if (!fn.takes(dtype)) {
        continue;
      }
      List<Value> operands =
          switch (fn) {
            case SELECT -> List.of(condition, arguments.get(0), arguments.get(1));
            case SHL, SHR -> List.of(arguments.get(0), amount);
            default -> arguments.subList(0, fn.arity());
          };
      outputs.add(new Graph.Output(fn.toString(), Graph.Role.ARGUMENT));
      results.add(b.add(Pointwise.of(fn), operands, List.of(), fn.toString()).result());
    }
    Graph graph =
        new Graph("functions of " + dtype, inputs, outputs, b.region(results), Facts.NONE);
    SampleModel model = new SampleModel(List.of(new Sample(graph, tensors)));
    assertThat(model.faults(SETTINGS)).containsExactly("");
  }

  /// Numbers of all sizes; the first ones are those that most go wrong with.
  private Value input(TensorType type) {
    Tensor tensor = Tensor.zeros(type.dtype(), ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) {
      if (type.dtype().isFloat()) {
        tensor.setDouble(i, real(i));
      } else {
        tensor.setLong(i, type.dtype().wrap(integer(type.dtype().bits())));
      }
    }
    return input(type, tensor);
  }

  private Value amount(TensorType type) {
    Tensor tensor = Tensor.zeros(type.dtype(), ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) {
      if (type.dtype().isInteger()) {
        tensor.setLong(i, random.nextInt(Math.min(type.dtype().bits(), 8)));
      }
    }
    return input(type, tensor);
  }

  private Value input(TensorType type, Tensor tensor) {
    inputs.add(new Graph.Input("x" + inputs.size(), Graph.Role.ARGUMENT));
    tensors.add(tensor);
    return b.parameter(type, "x" + tensors.size());
  }

  private double real(int at) {
    double[] special = {
      0,
      -0.0,
      1,
      -1,
      0.5,
      -0.5,
      2,
      100,
      -100,
      1e4,
      -1e4,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY
    };
    return random.nextInt(3) == 0 ? special[at % special.length] : random.nextDouble(-3, 3);
  }

  private long integer(int bits) {
    return switch (random.nextInt(5)) {
      case 0 -> -1L << (bits - 1);
      case 1 -> -1L >>> (65 - bits);
      case 2 -> random.nextLong();
      default -> random.nextLong(-4, 5);
    };
  }
}
