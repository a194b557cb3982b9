CodeMeaning: 'Tissue'
          }
        };
        // What the object that the segment came with says of it, unless it has become another one.
        const read = servicesManager.services.displaySetService
          .getDisplaySetByUID(segmentationId)
          ?.segMetadata?.data?.find(each => Number(each?.SegmentNumber) === Number(segmentIndex));
        if (read?.SegmentLabel === label) {
          const kept = ['SegmentedPropertyCategoryCodeSequence', 'SegmentedPropertyTypeCodeSequence',
            'AnatomicRegionSequence', 'TrackingID', 'TrackingUID'];
          for (const keyword of kept.filter(keyword => read[keyword])) {
            metadata[segmentIndex][keyword] = read[keyword];
          }
          if (read.SegmentAlgorithmType !== 'MANUAL') {
            metadata[segmentIndex].SegmentAlgorithmType = 'SEMIAUTOMATIC';
            metadata[segmentIndex].SegmentAlgorithmName = read.SegmentAlgorithmName;
          }
        }
