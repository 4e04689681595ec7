package dev.sinter.onnx.model;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.sinter.onnx.model.OnnxAttribute.Value;
import dev.sinter.onnx.model.OnnxGraph.Size;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxGraph.ValueType;
import dev.sinter.onnx.model.OnnxModel.OnnxFunction;
import dev.sinter.onnx.model.OnnxModel.OperatorSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the messages of ONNX from bytes; the elements of raw tensors stay where they are.
///
/// Whatever the bytes say, memory is bounded by their number and depth by [#DEPTH].
public final class OnnxReader {
  /// Graphs in attributes of nodes in graphs, at most so deep.
  private static final int DEPTH = 64;

  private final CodedInputStream in;
  private int depth;

  private OnnxReader(ByteBuffer bytes) {
    in = CodedInputStream.newInstance(bytes);
    in.enableAliasing(true);
  }

  /// The model in `bytes`.
  ///
  /// @throws OnnxFormatException when they hold none
  public static OnnxModel model(ByteBuffer bytes) throws OnnxFormatException {
    return whole(bytes, OnnxReader::model);
  }

  /// The tensor in `bytes`, a file of test data.
  ///
  /// @throws OnnxFormatException when they hold none
  public static OnnxTensor tensor(ByteBuffer bytes) throws OnnxFormatException {
    return whole(bytes, OnnxReader::tensor);
  }

  private interface Message<T> {
    T read(OnnxReader reader) throws IOException;
  }

  private static <T> T whole(ByteBuffer bytes, Message<T> message) throws OnnxFormatException {
    try {
      return message.read(new OnnxReader(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxFormatException("it is no protobuf message: " + e.getMessage(), e);
    } catch (OnnxFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new OnnxFormatException(String.valueOf(e.getMessage()), e);
    }
  }

  /// The message that comes next as a field.
  private <T> T nested(Message<T> message) throws IOException {
    if (++depth > DEPTH) {
      throw new OnnxFormatException("its messages are nested more than " + DEPTH + " deep");
    }
    int limit = in.pushLimit(in.readRawVarint32());
    T read = message.read(this);
    in.checkLastTagWas(0);
    in.popLimit(limit);
    depth--;
    return read;
  }

  private OnnxModel model() throws IOException {
    long version = 0;
    List<OperatorSet> opsets = new ArrayList<>();
    List<OnnxFunction> functions = new ArrayList<>();
    OnnxGraph graph = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> version = in.readInt64();
        case 7 -> graph = nested(OnnxReader::graph);
        case 8 -> opsets.add(nested(OnnxReader::operatorSet));
        case 25 -> functions.add(nested(OnnxReader::function));
        default -> in.skipField(tag);
      }
    }
    if (graph == null) {
      throw new OnnxFormatException("it has no graph");
    }
    return new OnnxModel(version, opsets, graph, functions);
  }

  private OperatorSet operatorSet() throws IOException {
    String domain = "";
    long version = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> domain = in.readString();
        case 2 -> version = in.readInt64();
        default -> in.skipField(tag);
      }
    }
    return new OperatorSet(domain, version);
  }

  private OnnxFunction function() throws IOException {
    String domain = "";
    String name = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<String> attributes = new ArrayList<>();
    List<OnnxAttribute> defaults = new ArrayList<>();
    List<OnnxNode> nodes = new ArrayList<>();
    List<OperatorSet> opsets = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> name = in.readString();
        case 4 -> inputs.add(in.readString());
        case 5 -> outputs.add(in.readString());
        case 6 -> attributes.add(in.readString());
        case 7 -> nodes.add(nested(OnnxReader::node));
        case 9 -> opsets.add(nested(OnnxReader::operatorSet));
        case 10 -> domain = in.readString();
        case 11 -> defaults.add(nested(OnnxReader::attribute));
        case 13 -> overload = in.readString();
        default -> in.skipField(tag);
      }
    }
    return new OnnxFunction(
        domain, name, overload, inputs, outputs, attributes, defaults, NodeOrder.of(nodes), opsets);
  }

  private OnnxGraph graph() throws IOException {
    String name = "";
    List<OnnxNode> nodes = new ArrayList<>();
    List<ValueInfo> inputs = new ArrayList<>();
    List<ValueInfo> outputs = new ArrayList<>();
    List<OnnxTensor> initializers = new ArrayList<>();
    List<ValueInfo> values = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> nodes.add(nested(OnnxReader::node));
        case 2 -> name = in.readString();
        case 5 -> initializers.add(nested(OnnxReader::tensor));
        case 11 -> inputs.add(nested(OnnxReader::valueInfo));
        case 12 -> outputs.add(nested(OnnxReader::valueInfo));
        case 13 -> values.add(nested(OnnxReader::valueInfo));
        case 15 -> throw new OnnxFormatException("its graph has sparse initializers");
        default -> in.skipField(tag);
      }
    }
    return new OnnxGraph(name, NodeOrder.of(nodes), inputs, outputs, initializers, values);
  }

  private OnnxNode node() throws IOException {
    String name = "";
    String domain = "";
    String opType = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> inputs.add(in.readString());
        case 2 -> outputs.add(in.readString());
        case 3 -> name = in.readString();
        case 4 -> opType = in.readString();
        case 5 -> {
          OnnxAttribute attribute = nested(OnnxReader::attribute);
          attributes.put(attribute.name(), attribute);
        }
        case 7 -> domain = in.readString();
        case 8 -> overload = in.readString();
        default -> in.skipField(tag);
      }
    }
    return new OnnxNode(name, domain, opType, overload, inputs, outputs, attributes);
  }

  private OnnxAttribute attribute() throws IOException {
    String name = "";
    int type = 0;
    String reference = "";
    float real = 0;
    long integer = 0;
    String text = "";
    OnnxTensor tensor = null;
    OnnxGraph graph = null;
    List<Float> reals = new ArrayList<>();
    List<Long> integers = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      boolean packed = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> name = in.readString();
        case 2 -> real = in.readFloat();
        case 3 -> integer = in.readInt64();
        case 4 -> text = in.readBytes().toStringUtf8();
        case 5 -> tensor = nested(OnnxReader::tensor);
        case 6 -> graph = nested(OnnxReader::graph);
        case 7 -> repeated(packed, () -> reals.add(in.readFloat()));
        case 8 -> repeated(packed, () -> integers.add(in.readInt64()));
        case 9 -> texts.add(in.readBytes().toStringUtf8());
        case 20 -> type = in.readEnum();
        case 21 -> reference = in.readString();
        default -> in.skipField(tag);
      }
    }
    if (!reference.isEmpty()) {
      return new OnnxAttribute(name, new Value.Reference(reference));
    }
    Value value =
        switch (type == 0 ? guess(tensor, graph, reals, integers, texts) : type) {
          case 1 -> new Value.Real(real);
          case 2 -> new Value.Int(integer);
          case 3 -> new Value.Text(text);
          case 4 -> tensor == null ? new Value.Other("no tensor") : new Value.Tensor(tensor);
          case 5 -> graph == null ? new Value.Other("no graph") : new Value.Graph(graph);
          case 6 -> new Value.Reals(reals);
          case 7 -> new Value.Ints(integers);
          case 8 -> new Value.Texts(texts);
          default -> new Value.Other("attribute type " + type);
        };
    return new OnnxAttribute(name, value);
  }

  /// The type of an attribute in files so old that they do not say it.
  private static int guess(
      @Nullable OnnxTensor tensor,
      @Nullable OnnxGraph graph,
      List<Float> reals,
      List<Long> integers,
      List<String> texts) {
    if (tensor != null) {
      return 4;
    }
    if (graph != null) {
      return 5;
    }
    return !reals.isEmpty() ? 6 : !integers.isEmpty() ? 7 : !texts.isEmpty() ? 8 : 2;
  }

  private interface Element {
    void read() throws IOException;
  }

  /// A repeated number, packed or alone.
  private void repeated(boolean packed, Element element) throws IOException {
    if (!packed) {
      element.read();
      return;
    }
    int limit = in.pushLimit(in.readRawVarint32());
    while (!in.isAtEnd()) {
      element.read();
    }
    in.popLimit(limit);
  }

  private ValueInfo valueInfo() throws IOException {
    String name = "";
    Optional<ValueType> type = Optional.empty();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> name = in.readString();
        case 2 -> type = Optional.of(nested(OnnxReader::type));
        default -> in.skipField(tag);
      }
    }
    return new ValueInfo(name, type);
  }

  private ValueType type() throws IOException {
    ValueType type = new ValueType("unknown", 0, Optional.empty());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> type = nested(OnnxReader::tensorType);
        case 4 -> type = other("sequence", tag);
        case 5 -> type = other("map", tag);
        case 8 -> type = other("sparse tensor", tag);
        case 9 -> type = other("optional", tag);
        default -> in.skipField(tag);
      }
    }
    return type;
  }

  private ValueType other(String kind, int tag) throws IOException {
    in.skipField(tag);
    return new ValueType(kind, 0, Optional.empty());
  }

  private ValueType tensorType() throws IOException {
    int element = 0;
    Optional<List<Size>> shape = Optional.empty();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> element = in.readInt32();
        case 2 -> shape = Optional.of(nested(OnnxReader::shape));
        default -> in.skipField(tag);
      }
    }
    return new ValueType("tensor", element, shape);
  }

  private List<Size> shape() throws IOException {
    List<Size> sizes = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == 1) {
        sizes.add(nested(OnnxReader::size));
      } else {
        in.skipField(tag);
      }
    }
    return sizes;
  }

  private Size size() throws IOException {
    Optional<Long> value = Optional.empty();
    Optional<String> name = Optional.empty();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> value = Optional.of(in.readInt64());
        case 2 -> name = Optional.of(in.readString()).filter(n -> !n.isEmpty());
        default -> in.skipField(tag);
      }
    }
    return new Size(value, name);
  }

  private OnnxTensor tensor() throws IOException {
    TensorFields fields = new TensorFields();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      boolean packed = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> repeated(packed, () -> fields.dims.add(in.readInt64()));
        case 2 -> fields.elementType = in.readInt32();
        case 3 -> throw new OnnxFormatException("a tensor comes in segments");
        case 4 -> repeated(packed, () -> fields.reals.add(in.readFloat()));
        case 5 -> repeated(packed, () -> fields.integers.add(in.readInt32()));
        case 6 -> fields.texts.add(in.readBytes().toStringUtf8());
        case 7 -> repeated(packed, () -> fields.integers.add(in.readInt64()));
        case 8 -> fields.name = in.readString();
        case 9 -> fields.raw = in.readByteBuffer();
        case 10 -> repeated(packed, () -> fields.reals.add(in.readDouble()));
        case 11 -> repeated(packed, () -> fields.integers.add(in.readUInt64()));
        case 13 -> {
          Map.Entry<String, String> entry = nested(OnnxReader::entry);
          fields.external.put(entry.getKey(), entry.getValue());
        }
        case 14 -> fields.isExternal = in.readEnum() == 1;
        default -> in.skipField(tag);
      }
    }
    return fields.tensor();
  }

  private Map.Entry<String, String> entry() throws IOException {
    String key = "";
    String value = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> key = in.readString();
        case 2 -> value = in.readString();
        default -> in.skipField(tag);
      }
    }
    return Map.entry(key, value);
  }
}
