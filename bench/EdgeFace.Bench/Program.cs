using System.Globalization;
using BenchmarkDotNet.Running;
using EdgeFace.Bench;

const string usage = """
    usage: EdgeFace.Bench <command>
      paired [--write]         ours against ONNX Runtime, batch 1 on one thread and batch 32 on two, in floats and int8; exit 1 where ours is slower
      detect [--write]         faces: ours, and YuNet in our engine, against YuNet in ONNX Runtime, at three sizes; where the time goes
      pipeline [--write]       from a photo's bytes to embeddings, at five sizes, against YuNet in ONNX Runtime alone; stage by stage
      enlarged [--write]       photos enlarged, and photos of large faces reduced: how near their embeddings stay
      small-faces [--train]    which faces leave traces at half their size, how much is looked at finely, and small faces in a large photo
      tables                   puts the tables of bench/results and of the models' cards, and what the first command prints, into the documents that show them
      release <folder> <lfw>   makes the default models of weights that were handed over (models/release.sh)
      earlier <EdgeFace.dll>   this build against an earlier build of the library, in one process
      first                    the first embedding of a fresh process
      layers [--int8]          where the time of one forward pass goes
      bytes [--write]          the ways to multiply bytes, against each other and the FMA peak
      search [--write]         exact search among a million samples: against a plain read, one by one, and a scan of floats (needs 3 GB)
      kernels [options]        BenchmarkDotNet microbenchmarks of the kernels
      gallery [--write]        a SQLite gallery of a million samples: opening, searching, deleting (needs 2 GB of disk)
      enrolment [--write]      enrolling aligned crops into a SQLite gallery against the embedder alone
      conditions [--quick] [--write]  photographs turned, cut off, dark, blurred, disguised, and what is no face: found, accepted, matched, falsely matched
      gate [--write]           fits the gate of the default recogniser (docs/quality.md); --write puts it into the model
      gate --facts             how far the facts of crops alone would do
      distil [--quick] [--write]  the loop of edgeface-train distil against the same in PyTorch, two threads, teacher included
      start -- <file> [args]   a program from start to exit: wall time and peak memory
      startup [--write]        a small program from start to the first embedding, ours and ONNX Runtime's: time, memory, size
    --write puts the table into bench/results/<cpu>/. Files are looked up in ../shared beside the repository or in $EDGEFACE_TEST_DATA.
    """;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
try
{
    switch (args)
    {
        case ["paired", .. var options]: return Paired.Run(options.Contains("--write"));
        case ["detect", .. var options]: return Detect.Run(options.Contains("--write"), options.Contains("--quick"));
        case ["pipeline", .. var options]: return PhotoPipeline.Run(options.Contains("--write"), options.Contains("--quick"));
        case ["enlarged", .. var options]: return Enlarged.Run(options.Contains("--write"));
        case ["small-faces", .. var options]: return SmallFaces.Run(options.Contains("--train"));
        case ["tables"]: return DocumentTables.Run();
        case ["release", var folder, var lfw]: return ModelRelease.Run(folder, lfw);
        case ["earlier", var library]: return Earlier.Run(library);
        case ["first"]: return First.Run();
        case ["first", var network]: return First.Once(network);
        case ["layers", .. var options]: return Layers.Run(options.Contains("--int8"), options.Contains("--write"));
        case ["bytes", .. var options]: return ByteProducts.Run(options.Contains("--write"));
        case ["search", .. var options]: return Search.Run(options.Contains("--write"));
        case ["kernels", .. var options]:
            BenchmarkSwitcher.FromTypes([typeof(GemmBenchmarks), typeof(RowBenchmarks), typeof(DepthwiseBenchmarks)]).Run(options);
            return 0;
        case ["gallery", .. var options]: return GalleryOpening.Run(options.Contains("--write"));
        case ["enrolment", .. var options]: return EnrolmentRates.Run(options.Contains("--write"));
        case ["distil", .. var options]: return Distillation.Run(options.Contains("--write"), options.Contains("--quick"));
        case ["start", .. var rest]: return Start.Run(rest.SkipWhile(a => a == "--").ToArray());
        case ["conditions", .. var options]: return Conditions.Run(options.Contains("--quick"), options.Contains("--write"));
        case ["gate", "--facts"]: return DefaultGate.FactsAlone();
        case ["gate", .. var options]: return ModelRelease.Gate(options.Contains("--write"));
        case ["startup", .. var options]: return Startup.Run(options.Contains("--write"));
        default:
            Console.Error.WriteLine(usage);
            return 2;
    }
}
catch (Exception e) when (e is FileNotFoundException or InvalidOperationException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
