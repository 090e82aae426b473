namespace EdgeFace.Tests.Models;

public sealed class ContractPartsTests
{
    [Theory]
    [InlineData("rgb112-v1", "rgb112-v1", false)]
    [InlineData("rgb112-v1+mirror-sum", "rgb112-v1", true)]
    [InlineData("p", "p", false)]
    [InlineData("", "", false)]
    [InlineData("a+mirror-sum+mirror-sum", "a+mirror-sum", true)]
    public void Preprocessing_keeps_its_stored_text(string text, string version, bool mirrorSum)
    {
        var value = CropPreprocessing.Parse(text);
        Assert.Equal((version, mirrorSum, text), (value.Version, value.MirrorSum, value.ToString()));
        Assert.Equal(value, CropPreprocessing.Parse(text));
    }

    [Theory]
    [InlineData("crops-given", AlignerKind.CropsGiven, null, null)]
    [InlineData("similarity5-v2+landmarks-listed", AlignerKind.LandmarksListed, "similarity5-v2", null)]
    [InlineData("similarity5-v2+yunet-2026may-0a1b+r1", AlignerKind.Detector, "similarity5-v2", "yunet-2026may-0a1b+r1")]
    [InlineData("a", AlignerKind.Other, "a", null)]
    [InlineData("", AlignerKind.Other, "", null)]
    [InlineData("+x", AlignerKind.Other, "+x", null)]
    [InlineData("a+", AlignerKind.Other, "a+", null)]
    public void Aligner_keeps_its_stored_text(string text, AlignerKind kind, string? version, string? detector)
    {
        var value = AlignerSource.Parse(text);
        Assert.Equal((kind, version, detector, text), (value.Kind, value.Version, value.Detector, value.ToString()));
        Assert.Equal(value, AlignerSource.Parse(text));
    }

    [Fact]
    public void What_is_built_has_the_text_that_galleries_store()
    {
        Assert.Equal("rgb112-v1", CropPreprocessing.Current(mirrorSum: false).ToString());
        Assert.Equal("rgb112-v1+mirror-sum", CropPreprocessing.Current(mirrorSum: true).ToString());
        Assert.Equal("crops-given", AlignerSource.CropsGiven.ToString());
        Assert.Equal("similarity5-v2+landmarks-listed", AlignerSource.LandmarksListed("similarity5-v2").ToString());
        Assert.Equal("similarity5-v2+d-1", AlignerSource.Detected("similarity5-v2", "d-1").ToString());
        var contract = new EmbeddingContract("m", "w", 512, "p", "crops-given");
        Assert.Equal(contract with { Aligner = "s+d" }, contract.WithAligner(AlignerSource.Detected("s", "d")));
    }

    [Fact]
    public void What_would_read_as_another_source_is_refused()
    {
        Assert.Throws<ArgumentException>(() => AlignerSource.Detected("s", "landmarks-listed"));
        Assert.Throws<ArgumentException>(() => AlignerSource.Detected("s+t", "d"));
        Assert.Throws<ArgumentException>(() => AlignerSource.LandmarksListed(""));
    }

    [Theory]
    [InlineData("s1+d", "s2+d", true)]
    [InlineData("s1+landmarks-listed", "s2+landmarks-listed", true)]
    [InlineData("s1+d", "s1+d", false)]
    [InlineData("s1+d", "s2+e", false)]
    [InlineData("s1+d", "s2+landmarks-listed", false)]
    [InlineData("crops-given", "s1+d", false)]
    public void Another_version_has_the_same_source_of_landmarks(string a, string b, bool expected)
        => Assert.Equal(expected, AlignerSource.Parse(a).IsOtherVersionOf(AlignerSource.Parse(b)));
}
