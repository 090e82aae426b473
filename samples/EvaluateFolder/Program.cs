using System.Globalization;
using EdgeFace;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.People;
using EdgeFace.Vision;

if (args is not [var folder])
{
    Console.Error.WriteLine("EvaluateFolder FOLDER > curve.csv");
    return 2;
}
using var faces = FacePipeline.Open();
using var set = IdentityFolder.Read(folder);
foreach (var problem in set.Problems) Console.Error.WriteLine(problem);

List<float> embeddings = [];
List<int> people = [], failed = [];
foreach (var (image, person) in set.Images.Zip(set.PersonOf))
{
    try
    {
        var face = await faces.SingleAsync(Photo.FromBytes(image.Read(), image.Name), FaceChoice.Largest);
        embeddings.AddRange(face.Embedding.Vector);
        people.Add(person);
    }
    catch (EdgeFaceException e)
    {
        Console.Error.WriteLine(e.Message);
        failed.Add(person);
    }
}

var all = AllPairs.Score(embeddings.ToArray(), faces.Contract.Dimension, people, failed);
Console.Error.WriteLine($"{all.Images} images of {all.People} people, {failed.Count} without an embedding");
Console.WriteLine("threshold,fmr,impostors_matched,impostors,fnmr,genuine_missed,genuine");
foreach (var point in all.Curve(most: 200))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{point.Threshold},{point.Fmr.Value},{point.Fmr.Count},{point.Fmr.Total},{point.Fnmr.Value},{point.Fnmr.Count},{point.Fnmr.Total}"));
return 0;
