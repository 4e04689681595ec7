package dev.sinter.onnx.model;

import com.google.protobuf.CodedOutputStream;
import dev.sinter.onnx.model.OnnxGraph.Size;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxModel.OnnxFunction;
import dev.sinter.onnx.model.OnnxModel.OperatorSet;
import java.io.IOException;
import java.io.OutputStream;
import java.util.TreeMap;

/// Writes the messages of ONNX: what [OnnxReader] reads.
public final class OnnxWriter {
  private OnnxWriter() {}

  /// Writes a model.
  ///
  /// @throws OnnxFormatException when it has 2 GiB, which is more than a protobuf message may have
  public static void write(OnnxModel model, OutputStream to) throws IOException {
    WireFields fields = model(model);
    if (fields.size() > Integer.MAX_VALUE) {
      throw new OnnxFormatException(
          "it has %d bytes, more than the 2 GiB of a protobuf message".formatted(fields.size()));
    }
    CodedOutputStream out = CodedOutputStream.newInstance(to);
    fields.write(out);
    out.flush();
  }

  /// Writes a tensor, a file of test data.
  public static void write(OnnxTensor tensor, OutputStream to) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(to);
    tensor(tensor).write(out);
    out.flush();
  }

  private static WireFields model(OnnxModel model) {
    WireFields fields =
        new WireFields()
            .integer(1, model.irVersion())
            .text(2, "sinter")
            .message(7, graph(model.graph()));
    model.opsets().forEach(set -> fields.message(8, operatorSet(set)));
    model.functions().forEach(function -> fields.message(25, function(function)));
    return fields;
  }

  private static WireFields operatorSet(OperatorSet set) {
    return new WireFields().text(1, set.domain()).integer(2, set.version());
  }

  private static WireFields function(OnnxFunction function) {
    WireFields fields = new WireFields().text(1, function.name());
    function.inputs().forEach(name -> fields.text(4, name));
    function.outputs().forEach(name -> fields.text(5, name));
    function.attributes().forEach(name -> fields.text(6, name));
    function.nodes().forEach(node -> fields.message(7, node(node)));
    function.opsets().forEach(set -> fields.message(9, operatorSet(set)));
    fields.text(10, function.domain());
    function.defaults().forEach(attribute -> fields.message(11, attribute(attribute)));
    return fields.some(13, function.overload());
  }

  private static WireFields graph(OnnxGraph graph) {
    WireFields fields = new WireFields();
    graph.nodes().forEach(node -> fields.message(1, node(node)));
    fields.text(2, graph.name());
    graph.initializers().forEach(tensor -> fields.message(5, tensor(tensor)));
    graph.inputs().forEach(value -> fields.message(11, valueInfo(value)));
    graph.outputs().forEach(value -> fields.message(12, valueInfo(value)));
    graph.values().forEach(value -> fields.message(13, valueInfo(value)));
    return fields;
  }

  private static WireFields node(OnnxNode node) {
    WireFields fields = new WireFields();
    node.inputs().forEach(name -> fields.text(1, name));
    node.outputs().forEach(name -> fields.text(2, name));
    fields.some(3, node.name()).text(4, node.opType());
    new TreeMap<>(node.attributes())
        .values()
        .forEach(attribute -> fields.message(5, attribute(attribute)));
    return fields.some(7, node.domain()).some(8, node.overload());
  }

  private static WireFields attribute(OnnxAttribute attribute) {
    WireFields fields = new WireFields().text(1, attribute.name());
    int type =
        switch (attribute.value()) {
          case OnnxAttribute.Value.Real(float value) -> {
            fields.real(2, value);
            yield 1;
          }
          case OnnxAttribute.Value.Int(long value) -> {
            fields.integer(3, value);
            yield 2;
          }
          case OnnxAttribute.Value.Text(String value) -> {
            fields.text(4, value);
            yield 3;
          }
          case OnnxAttribute.Value.Tensor(OnnxTensor value) -> {
            fields.message(5, tensor(value));
            yield 4;
          }
          case OnnxAttribute.Value.Graph(OnnxGraph value) -> {
            fields.message(6, graph(value));
            yield 5;
          }
          case OnnxAttribute.Value.Reals(var values) -> {
            values.forEach(value -> fields.real(7, value));
            yield 6;
          }
          case OnnxAttribute.Value.Ints(var values) -> {
            values.forEach(value -> fields.integer(8, value));
            yield 7;
          }
          case OnnxAttribute.Value.Texts(var values) -> {
            values.forEach(value -> fields.text(9, value));
            yield 8;
          }
          case OnnxAttribute.Value.Reference(String name) -> {
            fields.text(21, name);
            yield 0;
          }
          case OnnxAttribute.Value.Other(String kind) ->
              throw new IllegalArgumentException(attribute.name() + " is of " + kind);
        };
    return fields.integer(20, type);
  }

  private static WireFields valueInfo(ValueInfo value) {
    WireFields fields = new WireFields().text(1, value.name());
    value
        .type()
        .ifPresent(type -> {
          if (!type.kind().equals("tensor")) {
            throw new IllegalArgumentException(value.name() + " is a " + type.kind());
          }
          WireFields tensor = new WireFields().integer(1, type.elementType());
          type.shape()
              .ifPresent(shape -> {
                WireFields sizes = new WireFields();
                shape.forEach(size -> sizes.message(1, size(size)));
                tensor.message(2, sizes);
              });
          fields.message(2, new WireFields().message(1, tensor));
        });
    return fields;
  }

  private static WireFields size(Size size) {
    WireFields fields = new WireFields();
    size.value().ifPresent(value -> fields.integer(1, value));
    size.name().ifPresent(name -> fields.text(2, name));
    return fields;
  }

  private static WireFields tensor(OnnxTensor tensor) {
    WireFields fields = new WireFields();
    tensor.dims().forEach(dim -> fields.integer(1, dim));
    fields.integer(2, tensor.elementType()).some(8, tensor.name());
    switch (tensor.data()) {
      case OnnxTensor.Data.Raw(var bytes) -> fields.bytes(9, bytes);
      case OnnxTensor.Data.Doubles(var values) -> {
        for (int i = 0; i < values.remaining(); i++) {
          double value = values.get(values.position() + i);
          if (tensor.elementType() == OnnxTypes.F64) {
            fields.real(10, value);
          } else {
            fields.real(4, (float) value);
          }
        }
      }
      case OnnxTensor.Data.Integers(var values) -> {
        int number = OnnxTypes.integerField(tensor.elementType());
        for (int i = 0; i < values.remaining(); i++) {
          fields.integer(number, values.get(values.position() + i));
        }
      }
      case OnnxTensor.Data.Strings(var values) -> values.forEach(text -> fields.text(6, text));
      case OnnxTensor.Data.External(var where) -> {
        new TreeMap<>(where)
            .forEach(
                (key, value) -> fields.message(13, new WireFields().text(1, key).text(2, value)));
        fields.integer(14, 1);
      }
    }
    return fields;
  }
}
