using System.Security.Cryptography;
using EdgeFace.App;
using EdgeFace.App.Galleries;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>A gallery that was made with former default weights is told what to do, and both ways work.</summary>
public sealed class FormerWeightsTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_gallery_of_version_0_goes_on_with_its_weights_or_is_embedded_anew()
    {
        foreach (var (kind, name) in ((string, string)[])[("recogniser", "edgeface-xs-distilled"), ("detector", "edgeface-detector"),
            ("refiner", "edgeface-refiner")])
        {
            File.WriteAllText(_folder["card.json"], $$"""{"name":"{{name}}","version":"0","kind":"{{kind}}"}""");
            using var weights = ModelFile.Open(TestData.Shared($"assets/{kind}.safetensors"));
            weights.WithCard(ModelCard.FromJson(File.ReadAllBytes(_folder["card.json"]), kind))
                .Save(_folder[$"{kind}.efw"], WeightPrecision.Float32);
        }
        string gallery = _folder["people.db"], photo = TestData.Sample("adam-2.jpg");
        string[] former = ["--model", _folder["recogniser.efw"], "--detector", _folder["detector.efw"]];
        ToolRun.Of(["enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", gallery, .. former]).Succeeds();

        ToolRun.Of("identify", photo, "--gallery", gallery)
            .Fails(3, "--model FILE", "--detector FILE", "gallery reembed", "edgeface-detector-0", "edgeface-detector-1");
        Assert.Contains("Adam", ToolRun.Of(["identify", photo, "--gallery", gallery, "--threshold", "0.397", .. former]).Succeeds().Output,
            StringComparison.Ordinal);
        ToolRun.Of("gallery", "reembed", "--gallery", gallery).Succeeds();
        Assert.Contains("Adam", ToolRun.Of("identify", photo, "--gallery", gallery).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gallery_of_the_former_aligner_is_embedded_anew()
    {
        string gallery = _folder["people.db"], photo = TestData.Sample("adam-2.jpg");
        using (var pipeline = FacePipeline.Open())
        {
            var former = pipeline.Contract with
            {
                Aligner = pipeline.Contract.Aligner.Replace(FaceAligner.Version, "similarity5-v1", StringComparison.Ordinal),
            };
            var file = TestData.Sample("adam-1.jpg");
            var face = pipeline.One(file, default);
            using var made = SqliteGallery.Create(gallery, former, pipeline.OpenSpace(), new());
            made.Enrol(new NewPerson("Adam"), [new NewSample(new Embedding(face.Embedding.Vector, former))
            {
                Source = file,
                SourceSha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))),
                Crop = ImageCodec.EncodePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, face.Crop.ToArray())),
            }]);
        }
        ToolRun.Of("identify", photo, "--gallery", gallery)
            .Fails(3, "it is of another version of EdgeFace", "gallery reembed", "similarity5-v1+", "similarity5-v2+");
        // Not from the crop, which another aligner cut, but from the picture.
        Assert.Contains("0 from crops, 1 from pictures", ToolRun.Of("gallery", "reembed", "--gallery", gallery).Succeeds().Output,
            StringComparison.Ordinal);
        Assert.Contains("Adam", ToolRun.Of("identify", photo, "--gallery", gallery).Succeeds().Output, StringComparison.Ordinal);
    }
}
